/** The rail and the panel beside it: nodes to browse and drag, the sampler library, files. */
import { html, type TemplateResult } from "lit";
import { FolderOpen, Keyboard, Layers, PanelBottom, PanelRight, Plus, Redo2, Search, Undo2 } from "lucide";
import { groupBy } from "../../graphs/document/index.ts";
import type { NodeDescription } from "../../nodes/describe.ts";
import type { DocumentSummary } from "../../server/protocol.ts";
import { pickFiles } from "../actions/bringing.ts";
import { copyLink, openGraph } from "../actions/documents.ts";
import type { Editor } from "../actions/editor.ts";
import { exportGraph } from "../actions/exporting.ts";
import { placeNode } from "../actions/placing.ts";
import { saveNamed } from "../actions/renaming.ts";
import { searchNodes } from "../edit/search.ts";
import { put } from "../state/state.ts";
import { opened, toggled, toggledLeft } from "../state/ui.ts";
import { glyph } from "./glyph.ts";
import { icon } from "./icon.ts";
import { libraryPanel } from "./library-panel.ts";

const rails = [
  ["nodes", Plus, "Nodes (N)"],
  ["library", Layers, "Sampler library"],
  ["files", FolderOpen, "Files"],
] as const;

export function rail(editor: Editor): TemplateResult {
  return html`<nav class="rail" aria-label="Panels">
    ${rails.map(
      ([
        name,
        shape,
        label,
      ]) => html`<button class="tool" aria-label=${label} title=${label} aria-pressed=${editor.state.left === name}
        @click=${() => editor.apply(toggledLeft(name))}>${icon(shape)}</button>`,
    )}
    ${undoButtons(editor)}
    <button class="tool last" aria-label="Inspector" title="Inspector (I)" aria-pressed=${editor.state.inspector} @click=${() => editor.apply(toggled("inspector"))}>${icon(PanelRight)}</button>
    <button class="tool" aria-label="Runs" title="Runs (J)" aria-pressed=${editor.state.strip} @click=${() => editor.apply(toggled("strip"))}>${icon(PanelBottom)}</button>
    <button class="tool" aria-label="Shortcuts" title="Shortcuts (?)" @click=${() => editor.apply(opened({ is: "shortcuts" }))}>${icon(Keyboard)}</button>
  </nav>`;
}

/** Where the bar has no room for them. */
function undoButtons(editor: Editor): TemplateResult | "" {
  const { tab } = editor;
  if (!tab) return "";
  const { past, future } = tab.history;
  return html`<button class="tool only-narrow" aria-label="Undo" title="Undo" ?disabled=${past.length === 0} @click=${() => editor.undo()}>${icon(Undo2)}</button>
    <button class="tool only-narrow" aria-label="Redo" title="Redo" ?disabled=${future.length === 0} @click=${() => editor.redo()}>${icon(Redo2)}</button>`;
}

export function leftPanel(editor: Editor): TemplateResult | "" {
  const { left } = editor.state;
  if (left === "nodes") return html`<aside class="left" aria-label="Nodes">${nodeList(editor)}</aside>`;
  if (left === "library") return html`<aside class="left" aria-label="Sampler library">${libraryPanel(editor)}</aside>`;
  if (left === "files") return html`<aside class="left" aria-label="Files">${files(editor)}</aside>`;
  return "";
}

function nodeList(editor: Editor): TemplateResult {
  const { search } = editor.state;
  const found = searchNodes(editor.catalogue.nodes, search);
  const groups = search ? [["Best first", found] as const] : [...groupBy(found, ({ category }) => category)];
  return html`<div class="search">
      ${icon(Search, 16)}
      <input type="search" placeholder="Find a node" aria-label="Find a node" .value=${search}
        @input=${(event: Event) => editor.apply(put({ search: (event.target as HTMLInputElement).value }))} />
      <kbd>/</kbd>
    </div>
    <div class="scroll">
      ${groups.map(
        ([category, nodes]) => html`<section>
          <h3>${category[0].toUpperCase()}${category.slice(1)}<span>${nodes.length}</span></h3>
          ${nodes.map((node) => nodeEntry(editor, node))}
        </section>`,
      )}
      ${found.length === 0 ? html`<p class="hint">No node called “${search}”. Save a selection as a subgraph to make one.</p>` : ""}
    </div>`;
}

function nodeEntry(editor: Editor, node: NodeDescription): TemplateResult {
  const port = node.outputs[0] ?? node.inputs[0];
  return html`<button class="entry" draggable="true" title=${node.description} ?disabled=${!editor.tab}
    @click=${() => placeNode(editor, node.type)}
    @dragstart=${(event: DragEvent) => event.dataTransfer?.setData("guidegraph/node", node.type)}>
    ${glyph(port?.kind ?? "", editor.state.theme, port?.meaning)}<span>${node.title}</span>
  </button>`;
}

const byName = (a: DocumentSummary, b: DocumentSummary) => a.name.localeCompare(b.name);

function files(editor: Editor): TemplateResult {
  const { examples, models, exporting } = editor.state;
  return html`<h2>Files</h2>
    <div class="buttons">
      <button class="plain" @click=${() => pickFiles(editor)}>Open a file</button>
      ${
        editor.tab
          ? html`<button class="plain" @click=${() => saveNamed(editor)}>Save as JSON</button>
              <button class="plain" ?disabled=${exporting !== undefined} aria-busy=${exporting !== undefined} @click=${() => exportGraph(editor)}>${exporting === undefined ? "Export as ONNX" : "Exporting …"}</button>
              <button class="plain" @click=${() => copyLink(editor)}>Copy a link</button>`
          : ""
      }
    </div>
    <div class="scroll">
      <section>
        <h3>On the server<span>${examples.length}</span></h3>
        ${[...examples]
          .sort(byName)
          .map(
            ({ name, title }) =>
              html`<button class="entry" title=${title ?? name} @click=${() => openGraph(editor, name)}><span>${name}</span></button>`,
          )}
      </section>
      <section>
        <h3>Models<span>${models.length}</span></h3>
        ${models.map(({ id, role, problem }) => html`<div class="entry fact" title=${problem ?? ""}><span>${id}</span><small>${problem ? "not readable" : (role ?? "")}</small></div>`)}
      </section>
    </div>`;
}
