/** The parts of the page, for those who go by key. */
import { put } from "../state/state.ts";
import type { Editor } from "./editor.ts";

/** The first thing that takes the focus in the next part of the page, or in the one before. */
export function roundLandmarks(backwards: boolean): void {
  const all = [...document.querySelectorAll<HTMLElement>("header.top, .rail, aside, main, footer.strip")];
  const parts = all.flatMap((part) => {
    const focusable = part.querySelectorAll<HTMLElement>("canvas, button, input, select, textarea, [tabindex]");
    const first = [...focusable].find((one) => one.checkVisibility());
    return first ? [{ part, first }] : [];
  });
  const here = parts.findLastIndex(({ part }) => part.contains(document.activeElement));
  parts[(here + (backwards ? -1 : 1) + parts.length) % parts.length]?.first.focus();
}

/** Opens the list of nodes, its search in hand; on the start page, that of the examples. */
export function findInList(editor: Editor): void {
  if (!editor.tab) {
    document.querySelector<HTMLInputElement>(".start input")?.focus();
    return;
  }
  editor.apply(put({ left: "nodes" }));
  requestAnimationFrame(() =>
    requestAnimationFrame(() => document.querySelector<HTMLInputElement>(".left input")?.focus()),
  );
}
