/** The canvas for those who do not see it: nodes in order with state, parameters and wires; kept in step with the selection. */
import { html, type TemplateResult } from "lit";
import type { Editor } from "../actions/editor.ts";
import { groupBy } from "../edit/group-by.ts";
import { titleOf } from "../edit/level.ts";

export function mirror(editor: Editor): TemplateResult {
  const { graph, catalogue, canvas } = editor;
  const byId = new Map(graph.nodes.map((node) => [node.id, node]));
  const entering = groupBy(graph.links, ({ to }) => to);
  const sentence = (id: number) => {
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
  return html`<ul class="mirror" role="listbox" aria-label="Nodes of this graph" aria-multiselectable="true">
    ${graph.nodes.map(
      ({ id, inner }) => html`<li role="option" tabindex="0" data-id=${id} aria-selected=${editor.selection.has(id)}
        @focus=${() => !editor.selection.has(id) && editor.select(new Set([id]))}
        @keydown=${(event: KeyboardEvent) => {
          if (event.key === "Enter" && inner && !event.ctrlKey && !event.altKey) editor.enter(id);
        }}>${sentence(id)}</li>`,
    )}
  </ul>`;
}
