import { html, type TemplateResult } from "lit";
import { FilePlus, FolderOpen, ImageDown } from "lucide";
import type { DocumentSummary } from "../../server/protocol.ts";
import { newDocument, openGraph, pickFiles } from "../state/documents.ts";
import type { Editor } from "../state/editor.ts";
import { icon } from "./icon.ts";

/** The first to try, in this order; the others follow by name. */
const first = ["guided-ddim", "red-star", "guided-ddpm", "classifier-free-ddim", "gradient-at-the-mean", "inpainting"];
const rank = ({ name }: DocumentSummary) => (first.includes(name) ? first.indexOf(name) : first.length);

export function startPage(editor: Editor): TemplateResult {
  const examples = editor.examples.filter(({ builtIn }) => builtIn).sort((a, b) => rank(a) - rank(b));
  const own = editor.examples.filter(({ builtIn }) => !builtIn);
  return html`<main class="start">
    <div class="examples">
      <h1>Start from an example</h1>
      <p>Each runs as it is, on the models that came with GuideGraph. Change one wire and run again.</p>
      <div class="grid">${examples.map((entry) => card(editor, entry))}</div>
    </div>
    <aside class="beside" aria-label="Recent">
      ${own.length > 0 ? html`<h3>Recent</h3>` : ""}
      ${own.slice(0, 8).map(({ name, title }) => html`<button class="entry tall" @click=${() => openGraph(editor, name)}><span><b>${name}</b><small>${title ?? ""}</small></span></button>`)}
      <div class="buttons">
        <button class="plain" @click=${() => newDocument(editor)}>${icon(FilePlus, 16)} Empty graph</button>
        <button class="plain" @click=${() => pickFiles(editor)}>${icon(FolderOpen, 16)} Open</button>
      </div>
      <div class="drop">${icon(ImageDown, 20)}<span>Drop a graph here,<br />or a picture that carries one</span></div>
    </aside>
  </main>`;
}

function card(editor: Editor, { name, title, description }: DocumentSummary): TemplateResult {
  return html`<button class="example" @click=${() => openGraph(editor, name)}>
    <img alt="" src="examples/${name}.png" loading="lazy" @error=${(event: Event) => (event.target as HTMLElement).remove()} />
    <span class="words"><b>${title ?? name}</b><span>${description ?? ""}</span></span>
  </button>`;
}
