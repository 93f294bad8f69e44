/** The parts of the page, for those who go by key. */
import { put } from "../state/state.ts";
import type { Editor } from "./editor.ts";

/** The first thing that takes the focus in the next part of the page, or in the one before. */
export function roundLandmarks(backwards: boolean): void {
  const all = [...document.querySelectorAll<HTMLElement>("header.top, .rail, aside, main, footer.strip")];
  const here = all.findLastIndex((element) => element.contains(document.activeElement));
  const next = all[(here + (backwards ? -1 : 1) + all.length) % all.length];
  next?.querySelector<HTMLElement>("canvas, button, input, select, textarea, [tabindex]")?.focus();
}

/** Opens the list of nodes, its search in hand. */
export function findInList(editor: Editor): void {
  editor.apply(put({ left: "nodes" }));
  requestAnimationFrame(() =>
    requestAnimationFrame(() => document.querySelector<HTMLInputElement>(".left input")?.focus()),
  );
}
