/** What the inspector shows when nothing is selected: the document's own sentence, what to try, its parameters. */
import { html, type TemplateResult } from "lit";
import type { Editor } from "../actions/editor.ts";
import { copyAround } from "../actions/library.ts";
import { folderOf } from "../actions/results.ts";
import { gradientWords } from "../edit/differentiate.ts";
import { nodeOf, setProperty, withAbout } from "../edit/graph.ts";
import { crumbs, graphAt, titleOf } from "../edit/level.ts";
import { parametersToTurn } from "../edit/to-turn.ts";
import { duration, failedNode, type RunView } from "../runs/run-view.ts";
import { problemsOf } from "../state/problems.ts";
import { documentOf } from "../state/tab.ts";
import { breakable, unbroken } from "./breakable.ts";
import { goTo } from "./go-to.ts";
import { originSection } from "./origin-section.ts";
import { parameterField, wantsLine } from "./parameter-field.ts";
import { countOf, notesSection, problemList } from "./problems.ts";

export function documentPanel(editor: Editor): TemplateResult {
  const { tab } = editor;
  if (!tab) return html``;
  const document = documentOf(tab);
  const { about } = tab.level.length > 0 ? editor.graph : document;
  const run = editor.runs.byId.get(tab.run ?? "");
  const describe = (key: "title" | "description") => (event: Event) => {
    const { value } = event.target as HTMLInputElement;
    editor.edit((graph) => withAbout(graph, key, value));
  };
  return html`<section>
      <h2><input class="title" aria-label="Title of the graph" .value=${about.title ?? crumbs(document, tab.level, editor.catalogue).at(-1) ?? tab.name} spellcheck="false" @change=${describe("title")} /></h2>
      <textarea class="description" aria-label="Description" rows="3" placeholder="What this graph does, in a sentence." .value=${about.description ?? ""} @change=${describe("description")}></textarea>
    </section>
    ${holderOf(editor)}
    ${problems(editor)}
    ${notesSection(editor)}
    ${
      document.nodes.length === 0
        ? html`<section><p><span class="by-key">Double-click to add a node, or drop a graph or a picture that carries one.</span><span class="by-touch">Double-tap to add a node.</span></p></section>`
        : tab.level.length === 0
          ? tryThis()
          : ""
    }
    ${run ? outcome(editor, run) : ""}
    ${exposed(editor)}`;
}

/** Inside a copy of a sampler, where that came from; inside a Differentiate, what is made of this graph. */
function holderOf(editor: Editor): TemplateResult {
  const { tab } = editor;
  const path = tab && copyAround(tab);
  const around =
    tab && nodeOf(graphAt(documentOf(tab), tab.level.slice(0, -1)) ?? documentOf(tab), tab.level.at(-1) ?? -1);
  const words = around && gradientWords(around);
  return html`${words ? html`<section><p>${words}</p></section>` : ""}${path ? originSection(editor, path) : ""}`;
}

/** How the shown run went; why not, and where. */
function outcome(editor: Editor, run: RunView): TemplateResult | "" {
  const { id, number, state, ms, failure, outputs } = run.summary;
  const failed = failedNode(run);
  const message = failed?.message ?? failure?.message;
  if (message !== undefined)
    return html`<section class="failed" role="alert"><h3>Run ${number} ${state}</h3><p>${unbroken(message)}</p>
      ${failed ? html`<div class="buttons">${goTo(editor, failed.path)}</div>` : ""}</section>`;
  return ms === undefined
    ? ""
    : html`<section><h3>Run ${number}</h3><dl><dt>${state}</dt><dd>${duration(ms)}</dd>
        ${outputs.length === 0 ? "" : html`<dt>folder</dt><dd title="In the data folder of the server">${folderOf(id)}</dd>`}</dl></section>`;
}

const tryThis = () => html`<section><h3>Try this</h3>
  <ol>
    <li>Press <b>Run</b> and watch x₀ form in the sampler.</li>
    <li>Turn a number and run again: the same noise, another picture.</li>
    <li>Open the sampler (double-click) and rewire its step, or bypass a node of it (Ctrl + B).</li>
  </ol></section>`;

function problems(editor: Editor): TemplateResult | "" {
  const list = editor.tab ? problemsOf(editor.tab) : [];
  if (list.length === 0) return "";
  return html`<section class="failed" role=${editor.tab?.problems.length ? "alert" : "status"}><h3>${countOf(list)}</h3>
    ${problemList(editor, list)}
  </section>`;
}

function exposed(editor: Editor): TemplateResult | "" {
  const { catalogue } = editor;
  const all = parametersToTurn(editor.graph, catalogue);
  if (all.length === 0) return "";
  return html`<section><h3>Parameters to turn</h3>
    ${all.map(({ node, row, isWhole }) => {
      const title = titleOf(node, catalogue);
      return html`<div class="row" data-line=${wantsLine(row)} title=${title}>
        <span>${breakable(isWhole ? title : row.name)}${isWhole ? "" : html`<small>${title}</small>`}</span>
        ${parameterField({
          editor,
          node: node.id,
          row,
          set: (value, stroke) =>
            editor.edit(
              (graph) => setProperty(graph, node.id, row.name, value, catalogue),
              stroke && `${node.id} ${stroke}`,
            ),
        })}
      </div>`;
    })}
  </section>`;
}
