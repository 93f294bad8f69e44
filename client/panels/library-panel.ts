/** The sampler library: to insert by click or drag; own entries are renamed, duplicated and deleted here. */
import { html, type TemplateResult } from "lit";
import { ref } from "lit/directives/ref.js";
import { Boxes, Ellipsis } from "lucide";
import type { DocumentSummary } from "../../server/protocol.ts";
import type { Editor } from "../actions/editor.ts";
import { deleteSampler, duplicateSampler, renameSampler, startRename } from "../actions/library.ts";
import { insertSampler } from "../actions/placing.ts";
import type { MenuItem } from "../state/overlay.ts";
import { put } from "../state/state.ts";
import { opened } from "../state/ui.ts";
import { focusOnce } from "./focus.ts";
import { icon } from "./icon.ts";

export function libraryPanel(editor: Editor): TemplateResult {
  const own = editor.state.samplers.filter(({ builtIn }) => !builtIn);
  const builtIn = editor.state.samplers.filter(({ builtIn }) => builtIn);
  return html`<h2>Sampler library</h2>
    <div class="scroll">
      ${own.length > 0 ? html`<section><h3>Yours<span>${own.length}</span></h3>${own.map((entry) => row(editor, entry))}</section>` : ""}
      <section><h3>Built in<span>${builtIn.length}</span></h3>${builtIn.map((entry) => row(editor, entry))}</section>
      <p class="hint">Click or drag to insert. Save a subgraph of your own from its menu.</p>
    </div>`;
}

function row(editor: Editor, entry: DocumentSummary): TemplateResult {
  const { name, title = name, description, builtIn, version } = entry;
  if (editor.state.renaming === name) return renameRow(editor, name);
  const menu = (event: MouseEvent) => {
    event.preventDefault();
    const { left, bottom } = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const at = event.type === "contextmenu" ? ([event.clientX, event.clientY] as const) : ([left, bottom + 4] as const);
    editor.apply(opened({ is: "menu", at, label: title, items: itemsFor(editor, entry) }));
  };
  const facts = [
    ...(builtIn || version === undefined ? [] : [`version ${version}`]),
    ...(description ? [description] : []),
  ];
  return html`<div class="card-row" @contextmenu=${menu}>
    <button class="entry tall" draggable="true" title=${description ?? ""} ?disabled=${!editor.tab}
      @click=${() => insertSampler(editor, name)}
      @dragstart=${(event: DragEvent) => event.dataTransfer?.setData("guidegraph/sampler", name)}>
      ${icon(Boxes)}<span><b>${title}</b><small>${facts.join(" · ")}</small></span>
    </button>
    <button class="tool small" aria-label="More for ${title}" title="More" aria-haspopup="menu" @click=${menu}>${icon(Ellipsis, 16)}</button>
  </div>`;
}

function renameRow(editor: Editor, name: string): TemplateResult {
  const commit = (event: Event) =>
    editor.state.renaming === name && void renameSampler(editor, name, (event.target as HTMLInputElement).value.trim());
  return html`<div class="card-row">
    <input class="field" aria-label="New name of ${name}" .value=${name} spellcheck="false" ${ref(focusOnce)} @blur=${commit}
      @keydown=${(event: KeyboardEvent) => {
        if (event.key === "Enter") commit(event);
        else if (event.key === "Escape") editor.apply(put({ renaming: undefined }));
        else return;
        event.stopPropagation();
      }} />
  </div>`;
}

function itemsFor(editor: Editor, entry: DocumentSummary): (MenuItem | "-")[] {
  const { name, builtIn } = entry;
  return [
    { label: "Insert", disabled: !editor.tab, run: () => void insertSampler(editor, name) },
    { label: builtIn ? "Duplicate as your own" : "Duplicate", run: () => void duplicateSampler(editor, entry) },
    ...(builtIn
      ? []
      : [
          { label: "Rename", run: () => startRename(editor, name) },
          "-" as const,
          { label: "Delete", danger: true, run: () => void deleteSampler(editor, name) },
        ]),
  ];
}
