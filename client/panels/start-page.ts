import { html, type TemplateResult } from "lit";
import { FilePlus, FolderOpen, ImageDown, Search, SquareTerminal } from "lucide";
import { groupBy } from "../../graphs/document/index.ts";
import type { DocumentSummary } from "../../server/protocol.ts";
import { pickFiles } from "../actions/bringing.ts";
import { newDocument, openCommand, openGraph } from "../actions/documents.ts";
import type { Editor } from "../actions/editor.ts";
import { findDocuments } from "../edit/find-documents.ts";
import { put } from "../state/state.ts";
import { icon } from "./icon.ts";

export function startPage(editor: Editor): TemplateResult {
  const { examples: all, exampleSearch: search } = editor.state;
  const found = findDocuments(all, search);
  const [examples, own] = [found.filter(({ builtIn }) => builtIn), found.filter(({ builtIn }) => !builtIn)];
  const groups = [...groupBy(examples, ({ group }) => group ?? "Others")];
  return html`<div class="start">
    ${openNow(editor)}
    ${own.length > 0 ? recent(editor, search ? own : [...own].sort(latestFirst).slice(0, 8)) : ""}
    <main class="examples">
      <h1>Start from an example</h1>
      <p>Each runs as it is, on the models that came with GuideGraph. Change one wire and run again.</p>
      ${searchField(editor, found)}
      ${groups.map(
        ([title, entries]) => html`<section>
          <h2>${title}<span>${entries.length}</span></h2>
          <div class="grid">${entries.map((entry) => card(editor, entry))}</div>
        </section>`,
      )}
    </main>
    <aside class="beside" aria-label="Something else">
      <div class="buttons">
        <button class="plain" @click=${() => newDocument(editor)}>${icon(FilePlus, 16)} Empty graph</button>
        <button class="plain" @click=${() => pickFiles(editor)}>${icon(FolderOpen, 16)} Open</button>
      </div>
      ${commandField(editor)}
      <button class="drop" @click=${() => pickFiles(editor)}>${icon(ImageDown, 20)}<span>Drop or choose a graph, a picture<br />that carries one, or a model of your own</span></button>
    </aside>
  </div>`;
}

const latestFirst = (a: DocumentSummary, b: DocumentSummary) => (b.modified ?? "").localeCompare(a.modified ?? "");

function recent(editor: Editor, own: readonly DocumentSummary[]): TemplateResult {
  return html`<aside class="recent" aria-label="Your own">
    <h3>${editor.state.exampleSearch ? "Your own" : "Recent"}</h3>
    ${own.map(({ name, title }) => html`<button class="entry tall" @click=${() => openGraph(editor, name)}><span><b>${name}</b><small>${title ?? ""}</small></span></button>`)}
  </aside>`;
}

/** Narrows what is listed as one types; Enter opens the first of it. */
function searchField(editor: Editor, found: readonly DocumentSummary[]): TemplateResult {
  const { exampleSearch: search, examples } = editor.state;
  const find = (exampleSearch: string) => editor.apply(put({ exampleSearch }));
  const [first] = found;
  const key = (event: KeyboardEvent) => {
    if (event.key === "Enter" && search.trim() !== "" && first) void openGraph(editor, first.name);
    // Of an empty field it is the page's, which leaves it.
    else if (event.key !== "Escape" || search === "") return;
    else find("");
    event.preventDefault();
    event.stopPropagation();
  };
  return html`<div class="search">
      ${icon(Search, 16)}
      <input type="search" placeholder="Find an example" aria-label="Find an example" .value=${search} @keydown=${key}
        @input=${(event: Event) => find((event.target as HTMLInputElement).value)} />
      <kbd>/</kbd>
    </div>
    <p class="found" role="status">${
      search.trim() === ""
        ? ""
        : first
          ? `${found.length} of ${examples.length}`
          : `Nothing here says “${search.trim()}”. Try fewer words, such as “solver” or “mask”; Esc shows all again.`
    }</p>`;
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
