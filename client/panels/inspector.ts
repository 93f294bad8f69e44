/** The right panel: the selected node with its help, parameters, wires and state; else the document itself. */
import { html, type TemplateResult } from "lit";
import { ArrowUpFromLine, CircleAlert, Copy, Maximize2, Play, Plug, RotateCcw } from "lucide";
import {
  blankFor,
  type GraphNode,
  isBorder,
  isSettable,
  type Off,
  offOf,
  type PortShape,
  portsOf,
  structures,
} from "../../graphs/document/index.ts";
import { kindList } from "../../nodes/kinds.ts";
import { knownAs } from "../../nodes/known-as.ts";
import { copyForPerson } from "../actions/clipboard.ts";
import type { Editor } from "../actions/editor.ts";
import { missingFile } from "../actions/file-place.ts";
import { startRun } from "../actions/running.ts";
import { promote, setBorder } from "../edit/border.ts";
import { nodeOf, setProperty, setTitle, toggleInput, typeInput } from "../edit/graph.ts";
import { titleOf } from "../edit/level.ts";
import { parametersOf, typedOf } from "../edit/parameters.ts";
import { failedNode, spentIn, statusOf } from "../runs/run-view.ts";
import { classNamesFor } from "../state/class-names.ts";
import { problemsOf } from "../state/problems.ts";
import { pathIn } from "../state/tab.ts";
import { breakable, unbroken } from "./breakable.ts";
import { documentPanel } from "./document-panel.ts";
import { dropHere } from "./drop-here.ts";
import { equation } from "./equation.ts";
import { nodeGlyph } from "./glyph.ts";
import { goTo } from "./go-to.ts";
import { icon } from "./icon.ts";
import { originSection } from "./origin-section.ts";
import { parameterField, wantsLine } from "./parameter-field.ts";
import { notesSection } from "./problems.ts";
import { wires } from "./wires.ts";

export function inspector(editor: Editor): TemplateResult | "" {
  if (!editor.state.inspector || !editor.tab) return "";
  const [id, ...more] = editor.selection;
  const node = id === undefined ? undefined : nodeOf(editor.graph, id);
  return html`<aside class="inspector" aria-label="Inspector">
    ${more.length > 0 ? several(editor) : node ? nodePanel(editor, node) : documentPanel(editor)}
  </aside>`;
}

function several(editor: Editor): TemplateResult {
  return html`<section><h2>${editor.selection.size} nodes</h2>
    <p>Ctrl + Shift + G makes a subgraph of them, Ctrl + G a group; Ctrl + B passes them by, Del removes them.</p></section>
    ${notesSection(editor)}`;
}

function nodePanel(editor: Editor, node: GraphNode): TemplateResult {
  const { catalogue, theme } = editor.state;
  const description = catalogue.byType.get(node.type);
  const ports = portsOf(node, catalogue.definitions);
  const path = editor.tab ? pathIn(editor.tab, node.id) : "";
  const off = offOf(node);
  const about = node.inner?.about.description ?? description?.description;
  const problems = (editor.tab ? problemsOf(editor.tab) : []).filter((one) => one.node === path);
  return html`
    ${failure(editor, node, path)}
    <section>
      <h2>${nodeGlyph(catalogue, theme, node)}
        <input class="title" aria-label="Title" .value=${titleOf(node, catalogue)} spellcheck="false"
          @change=${(event: Event) => rename(editor, node, (event.target as HTMLInputElement).value)}
          @keydown=${(event: KeyboardEvent) => event.key === "Enter" && (event.target as HTMLElement).blur()} />
      </h2>
      ${node.title && description && node.title !== description.title ? html`<p class="type">${description.title}</p>` : ""}
      <p>${about ?? `No node of the type ${node.type} is known here. It is kept and saved; the graph cannot run with it.`}</p>
      ${off ? html`<p class="reference">${offWords[off]}</p>` : ""}
      ${description?.equation ? equation(written(node, ports?.inputs ?? {}) ?? description.equation) : ""}
      ${description?.reference ? html`<p class="reference">${knownAs} <code>${description.reference}</code></p>` : ""}
      ${problems.map(({ port, message }) => html`<p class="problem" role="alert">${port ? `${port}: ` : ""}${unbroken(message)}</p>`)}
      <div class="buttons">
        ${node.inner ? html`<button class="plain" @click=${() => editor.enter(node.id)}>${icon(Maximize2, 15)} Open</button>` : ""}
        ${node.type === structures.note ? "" : html`<button class="plain" title="Run what this node needs, and nothing else (Alt+Enter)" @click=${() => startRun(editor, { targets: [path] })}>${icon(Play, 15)} Run to here</button>`}
      </div>
    </section>
    ${notesSection(editor, path)}
    ${node.inner && editor.tab ? originSection(editor, [...editor.tab.level, node.id]) : ""}
    ${border(editor, node)}
    ${parameters(editor, node)}
    ${wires(editor, node)}
    ${lastRun(editor, node, path)}
    ${ports ? "" : html`<section><h3>Data</h3><pre>${JSON.stringify(node.properties, null, 1)}</pre></section>`}`;
}

/** What this node computes, where somebody wrote it: signs as in print. */
function written(node: GraphNode, ports: Readonly<Record<string, PortShape>>): string | undefined {
  const row = parametersOf(node, ports).find(({ parameter }) => parameter.formula);
  const printed: Readonly<Record<string, string>> = { "*": "·", "-": "−", "<=": "≤", ">=": "≥", "!=": "≠" };
  return row && String(row.value).replace(/[<>!]=|[*-]/g, (sign) => printed[sign]);
}

const offWords: { readonly [O in Off]: string } = {
  bypassed:
    "Bypassed: each output gives the first input of its kind that is the same thing; a gradient, a predicted picture or a loss, which none is, is given by nobody.",
  muted: "Muted: what it gives is given by nobody.",
};

const rename = (editor: Editor, node: GraphNode, title: string) => {
  const own = editor.catalogue.byType.get(node.type)?.title;
  editor.edit((graph) => setTitle(graph, node.id, title.trim() === own ? "" : title.trim()));
};

function failure(editor: Editor, node: GraphNode, path: string): TemplateResult | "" {
  const run = editor.runs.byId.get(editor.tab?.run ?? "");
  const status = statusOf(run, path, node.inner !== undefined);
  if (status.state !== "failed" || !run) return "";
  const message = status.message ?? "It failed.";
  const failed = failedNode(run)?.path;
  const details = `Run ${run.summary.number}, node ${path}${status.port ? `, ${status.port}` : ""}: ${message}`;
  return html`<section class="failed" role="alert">
    <h2>${icon(CircleAlert)} <span>${titleOf(node, editor.catalogue)} failed</span></h2>
    <p>${unbroken(message)}</p>
    ${status.port ? html`<p class="reference">At <code>${status.port}</code></p>` : ""}
    <div class="buttons">
      ${failed?.startsWith(`${path}/`) ? goTo(editor, failed) : ""}
      <button class="plain" @click=${() => copyForPerson(editor, "What went wrong", details, "Select the text above and copy it.")}>${icon(Copy, 15)} Copy details</button>
      <button class="plain" @click=${() => startRun(editor)}>${icon(RotateCcw, 15)} Run again</button>
    </div>
  </section>`;
}

/** A graph input or output: its name and kind are what the node outside shows. */
function border(editor: Editor, node: GraphNode): TemplateResult | "" {
  if (!isBorder(node)) return "";
  const set = (name: "name" | "kind", value: string) =>
    editor.edit((graph) => setBorder(graph, editor.catalogue, node.id, name, value));
  return html`<section><h3>Port of the node outside</h3>
    <label class="row"><span>name</span><span class="text-field"><input class="field" .value=${String(node.properties.name ?? "")} @change=${(event: Event) => set("name", (event.target as HTMLInputElement).value)} /></span></label>
    <label class="row"><span>kind</span><select class="field" @change=${(event: Event) => set("kind", (event.target as HTMLSelectElement).value)}>
      ${kindList.map((kind) => html`<option .selected=${kind === node.properties.kind}>${kind}</option>`)}</select></label>
  </section>`;
}

function parameters(editor: Editor, node: GraphNode): TemplateResult | "" {
  const ports = portsOf(node, editor.catalogue.definitions)?.inputs ?? {};
  const rows = parametersOf(node, ports);
  const prose = rows.find(({ parameter }) => parameter.prose);
  const isSlot = (name: string) => node.inputs.some((slot) => slot.name === name);
  const open = typedOf(editor.graph, node, ports).filter(({ name }) => isSlot(name));
  const wired = node.inputs.filter(
    ({ name }) => ports[name] && isSettable(node, ports[name]) && !open.some((row) => row.name === name),
  );
  if (rows.length + open.length + wired.length === 0) return "";
  const set = (name: string) => (value: unknown, stroke?: string) =>
    editor.edit(
      (graph) => setProperty(graph, node.id, name, value, editor.catalogue),
      stroke && `${node.id} ${stroke}`,
    );
  if (prose)
    return html`<section>${parameterField({ editor, node: node.id, row: prose, set: set(prose.name) })}</section>`;
  const flip = (name: string) => () => {
    const blank = blankFor(ports[name]);
    editor.edit((graph) =>
      blank === undefined
        ? toggleInput(graph, node.id, name, ports[name].kind)
        : typeInput(graph, node.id, name, blank, editor.catalogue),
    );
  };
  const unplug = (name: string) =>
    html`<button class="tool small" aria-pressed="true" aria-label="Make ${name} a parameter" title="Make it a parameter" @click=${flip(name)}>${icon(Plug, 15)}</button>`;
  return html`<section><h3>Parameters</h3>
    ${rows.map(
      (row) => html`<div class="row" data-line=${wantsLine(row)} title=${ports[row.name].help ?? ""}>
        <span>${breakable(row.name)}</span>
        ${parameterField({ editor, node: node.id, row, set: set(row.name) })}
        ${
          editor.tab && editor.tab.level.length > 0
            ? html`<button class="tool small" aria-label="Show ${row.name} on the node outside" title="Show it on the node outside" @click=${() => editor.edit((graph) => promote(graph, editor, node.id, row.name, ports[row.name].kind))}>${icon(ArrowUpFromLine, 15)}</button>`
            : ""
        }
        <button class="tool small" aria-label="Make ${row.name} an input" title="Make it an input" @click=${flip(row.name)}>${icon(Plug, 15)}</button>
      </div>
      ${row.parameter.file ? missing(editor, node.id) : ""}
      ${row.name === "classes" ? classChips(editor, node, set("classes")) : ""}
      ${ports[row.name].help ? html`<p class="help">${unbroken(ports[row.name].help ?? "")}</p>` : ""}`,
    )}
    ${open.map(
      (
        row,
      ) => html`<div class="row" data-line=${wantsLine(row)} title="Nothing is wired to this input: it is what is typed">
        <span>${breakable(row.name)}</span>
        ${parameterField({ editor, node: node.id, row, set: set(row.name) })}
        ${unplug(row.name)}
      </div>`,
    )}
    ${wired.map(
      ({ name }) => html`<div class="row"><span>${breakable(name)}</span><em>an input</em>
        ${unplug(name)}</div>`,
    )}
  </section>`;
}

/** The place for a file that is not here. */
function missing(editor: Editor, id: number): TemplateResult | "" {
  const file = missingFile(editor, id);
  return file === undefined ? "" : dropHere(editor, id, file);
}

/** Classes by name: a click adds one to the list. */
function classChips(editor: Editor, node: GraphNode, set: (value: unknown) => void): TemplateResult | "" {
  const names = classNamesFor(editor.state, node);
  if (!names) return "";
  const now = String(node.properties.classes ?? "").trim();
  return html`<div class="chips" role="group" aria-label="Classes by name">
    ${names.map((name, i) => html`<button @click=${() => set(now === "" ? `${i}` : `${now},${i}`)} title="Add ${name} (${i})">${name}</button>`)}
    <button @click=${() => set("")} title="Random classes">clear</button>
  </div>`;
}

function lastRun(editor: Editor, node: GraphNode, path: string): TemplateResult | "" {
  const run = editor.runs.byId.get(editor.tab?.run ?? "");
  if (!run) return "";
  const status = statusOf(run, path, node.inner !== undefined);
  if (status.state === "idle" || status.state === "failed") return "";
  const inside = [...run.nodes].filter(([at, { ms }]) => at.startsWith(`${path}/`) && ms !== undefined);
  const names = (at: string) => {
    let graph = editor.graph;
    for (const id of at
      .slice(editor.tab?.level.join("/").length ?? 0)
      .split("/")
      .filter(Boolean)
      .map(Number)) {
      const found = nodeOf(graph, id);
      if (!found) return at;
      if (!found.inner) return titleOf(found, editor.catalogue);
      graph = found.inner;
    }
    return "all of it";
  };
  return html`<section><h3>Run ${run.summary.number}</h3>
    <dl><dt>state</dt><dd>${status.state}${status.word ? ` · ${status.word}` : ""}</dd>
    ${inside.map(([at, node]) => html`<dt>${names(at)}</dt><dd>${spentIn(node)}</dd>`)}</dl>
  </section>`;
}
