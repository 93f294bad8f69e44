/** What keeps a graph from running, or may not be meant: each with its node, which a click brings to the middle. */
import { html, type TemplateResult } from "lit";
import { ref } from "lit/directives/ref.js";
import type { Problem } from "../../server/protocol.ts";
import type { Editor } from "../actions/editor.ts";
import { reveal } from "../actions/running.ts";
import { notesIn } from "../runs/run-view.ts";
import { titleAt } from "../state/problems.ts";
import { documentOf } from "../state/tab.ts";
import { unbroken } from "./breakable.ts";
import { focusOnce } from "./focus.ts";

export const countOf = (problems: readonly Problem[]): string =>
  problems.length === 1 ? "1 problem" : `${problems.length} problems`;

/** What is known of the whole graph, and what came of it in the run that is shown; first what is of the node at this path. */
export function notesSection(editor: Editor, path?: string): TemplateResult | "" {
  const run = editor.runs.byId.get(editor.tab?.run ?? "");
  const all = [...(editor.tab?.known?.notes ?? []), ...(run ? notesIn(run) : [])];
  const isOwn = ({ node }: Problem) => path !== undefined && (node === path || node?.startsWith(`${path}/`) === true);
  const list = [...all.filter(isOwn), ...all.filter((note) => !isOwn(note))];
  if (list.length === 0) return "";
  return html`<section class="doubts" role="status"><h3>Is this meant?</h3>${problemList(editor, list)}</section>`;
}

/** In a popup, which a pick closes, the first has the focus. */
export function problemList(editor: Editor, list: readonly Problem[], closePopup?: () => void): TemplateResult[] {
  const { tab, catalogue } = editor;
  if (!tab) return [];
  return list.map(({ message, node, port }, i) => {
    const title = node === undefined ? undefined : titleAt(documentOf(tab), node, catalogue);
    const go = () => {
      closePopup?.();
      if (node !== undefined) reveal(editor, node);
    };
    return html`<button class="problem" ?disabled=${node === undefined} @click=${go} ${ref(closePopup && i === 0 ? focusOnce : undefined)}>
      ${title === undefined ? "" : html`<b>${title}${port ? html` <code>${port}</code>` : ""}</b>`}<span>${unbroken(message)}</span></button>`;
  });
}
