/** The canvas for those who do not see it: nodes in reading order with state, parameters and wires; kept in step with the selection. */
import { html, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { groupBy } from "../../graphs/document/index.ts";
import { commands } from "../actions/commands.ts";
import type { Editor } from "../actions/editor.ts";
import { keepInSight } from "../actions/walking.ts";
import { titleOf } from "../edit/level.ts";
import { readingOrder } from "../edit/reading-order.ts";

/** One stop for Tab: the node that was selected last, else the first. From there the arrows lead on. */
export function mirror(editor: Editor): TemplateResult {
  const { graph, selection } = editor;
  const nodes = readingOrder(graph);
  const sentence = sentencesOf(editor);
  const last = [...selection].at(-1);
  const stop = (nodes.find(({ id }) => id === last) ?? nodes[0])?.id;
  return html`<ul class="mirror" role="listbox" aria-label="Nodes of this graph" aria-multiselectable="true"
      @keydown=${(event: KeyboardEvent) => onKey(editor, event)}>
    ${repeat(
      nodes,
      ({ id }) => id,
      ({
        id,
      }) => html`<li role="option" tabindex=${id === stop ? 0 : -1} data-id=${id} aria-selected=${selection.has(id)}
        @focus=${() => choose(editor, id)}>${sentence(id)}</li>`,
    )}
  </ul>`;
}

/** Draws the page. Where that takes the row away that had the focus, the one where Tab would stop has it. */
export function keepingFocus(draw: () => void): void {
  const list = document.activeElement?.closest(".mirror");
  draw();
  if (list && !list.contains(document.activeElement))
    document.querySelector<HTMLElement>('.mirror [tabindex="0"]')?.focus();
}

function choose(editor: Editor, id: number): void {
  if (!editor.selection.has(id)) editor.select(new Set([id]));
  keepInSight(editor, id);
}

/** Which of `count` rows a key leads to from row `at`. */
const steps: Readonly<Record<string, (at: number, count: number) => number>> = {
  ArrowUp: (at) => Math.max(0, at - 1),
  ArrowDown: (at, count) => Math.min(count - 1, at + 1),
  Home: () => 0,
  End: (_, count) => count - 1,
};

const idOf = ({ dataset }: HTMLElement): number => Number(dataset.id);

/** The keys of a list: along it, with Shift taking in what is passed; Enter opens, Delete goes on to the next. All others are the commands'. */
function onKey(editor: Editor, event: KeyboardEvent): void {
  const { key, shiftKey } = event;
  const list = event.currentTarget as HTMLElement;
  const rows = [...list.querySelectorAll<HTMLElement>("[data-id]")];
  const at = rows.indexOf(event.target as HTMLElement);
  if (at < 0 || event.ctrlKey || event.altKey || event.metaKey) return;
  if (key === "Enter") editor.enter(idOf(rows[at]));
  else if (key === "Delete" || key === "Backspace") removeChosen(editor, rows, at);
  else if (steps[key]) {
    const next = rows[steps[key](at, rows.length)];
    if (shiftKey) editor.select(new Set([...editor.selection, idOf(next)]));
    next.focus();
  } else return;
  event.preventDefault();
  event.stopPropagation();
}

function removeChosen(editor: Editor, rows: readonly HTMLElement[], at: number): void {
  const stays = (row: HTMLElement) => !editor.selection.has(idOf(row));
  const next = rows.slice(at).find(stays) ?? rows.slice(0, at).findLast(stays);
  commands.remove.run(editor);
  (next ?? editor.canvas?.element)?.focus();
}

/** What is said of a node: its name and state, then what is set on it, then what it is wired from. */
function sentencesOf({ graph, catalogue, canvas }: Editor): (id: number) => string {
  const byId = new Map(graph.nodes.map((node) => [node.id, node]));
  const entering = groupBy(graph.links, ({ to }) => to);
  return (id) => {
    const card = canvas?.card(id);
    if (!canvas || !card) return "";
    const { status, fault } = canvas.live(id);
    const state = status.state === "idle" ? "" : `, ${status.state}${status.word ? ` ${status.word}` : ""}`;
    const rows = card.look.rows.map(({ name, shown }) => `${name} ${shown}`).join(", ");
    const wires = (entering.get(id) ?? []).map(({ from, output, input }) => {
      const source = byId.get(from);
      return `${input} from ${source ? titleOf(source, catalogue) : from}, ${output}`;
    });
    const wrong = fault === undefined ? "" : `, cannot run: ${fault}`;
    const { title, note, pinned } = card.look;
    const said = note ? `${note.text} ` : rows ? `${rows}. ` : "";
    return `${title}${state}${pinned ? ", pinned" : ""}${wrong}. ${said}${wires.join("; ")}`;
  };
}
