import { html, type TemplateResult } from "lit";
import { FilePlus, FolderOpen, ImageDown, SquareTerminal } from "lucide";
import type { DocumentSummary } from "../../server/protocol.ts";
import { pickFiles } from "../actions/bringing.ts";
import { newDocument, openCommand, openGraph } from "../actions/documents.ts";
import type { Editor } from "../actions/editor.ts";
import { icon } from "./icon.ts";

/** The first to try, in this order; the others follow by name. */
const first = ["guided-ddim", "red-star", "guided-ddpm", "classifier-free-ddim", "gradient-at-the-mean", "inpainting"];
const rank = ({ name }: DocumentSummary) => (first.includes(name) ? first.indexOf(name) : first.length);

export function startPage(editor: Editor): TemplateResult {
  const examples = editor.state.examples.filter(({ builtIn }) => builtIn).sort((a, b) => rank(a) - rank(b));
  const own = editor.state.examples.filter(({ builtIn }) => !builtIn);
  return html`<main class="start">
    <div class="examples">
      ${openNow(editor)}
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
      ${commandField(editor)}
      <button class="drop" @click=${() => pickFiles(editor)}>${icon(ImageDown, 20)}<span>Drop or choose a graph, a picture<br />that carries one, or a model of your own</span></button>
    </aside>
  </main>`;
}

/** On a narrow screen, what its row of tabs has no room for. */
function openNow(editor: Editor): TemplateResult {
  return html`<nav class="open-now" aria-label="Open documents">
    ${editor.state.tabs.map(({ key, name }) => html`<button class="plain" @click=${() => editor.show(key)}>${name}</button>`)}
    <button class="plain" @click=${() => newDocument(editor)}>${icon(FilePlus, 16)} Empty graph</button>
  </nav>`;
}

/** What one has typed for openai/guided-diffusion opens as a graph. */
function commandField(editor: Editor): TemplateResult {
  const open = async (field: HTMLTextAreaElement) => {
    if (field.value.trim() !== "" && (await openCommand(editor, field.value))) field.value = "";
  };
  const fieldOf = (event: Event) =>
    (event.currentTarget as HTMLElement).closest(".command")?.querySelector("textarea") as HTMLTextAreaElement;
  return html`<div class="command">
    <label for="command">A command of guided-diffusion</label>
    <textarea id="command" class="field" rows="4" spellcheck="false" placeholder="python classifier_sample.py --model_path 64x64_diffusion.pt --classifier_path 64x64_classifier.pt …"
      @keydown=${(event: KeyboardEvent) => {
        if (event.key !== "Enter" || !event.ctrlKey) return;
        event.preventDefault();
        void open(fieldOf(event));
      }}></textarea>
    <button class="plain" @click=${(event: Event) => void open(fieldOf(event))}>${icon(SquareTerminal, 16)} Open as a graph</button>
  </div>`;
}

function card(editor: Editor, { name, title, description }: DocumentSummary): TemplateResult {
  return html`<button class="example" @click=${() => openGraph(editor, name)}>
    <img alt="" src="examples/${name}.png" loading="lazy" @error=${(event: Event) => (event.target as HTMLElement).remove()} />
    <span class="words"><b>${title ?? name}</b><span>${description ?? ""}</span></span>
  </button>`;
}
