/** The canvas for those who do not see it: nodes in order with state, parameters and wires; kept in step with the selection. */
import { html, type TemplateResult } from "lit";
import { nodeOf } from "../edit/graph.ts";
import { titleOf } from "../edit/level.ts";
import type { Editor } from "../state/editor.ts";

export function mirror(editor: Editor): TemplateResult {
  const { graph, catalogue, canvas } = editor;
  const sentence = (id: number) => {
    const card = canvas?.card(id);
    if (!card) return "";
    const state =
      card.status.state === "idle" ? "" : `, ${card.status.state}${card.status.word ? ` ${card.status.word}` : ""}`;
    const rows = card.look.rows.map(({ name, shown }) => `${name} ${shown}`).join(", ");
    const wires = graph.links
      .filter(({ to }) => to === id)
      .map(({ from, output, input }) => {
        const source = nodeOf(graph, from);
        return `${input} from ${source ? titleOf(source, catalogue) : from}, ${output}`;
      });
    return `${card.look.title}${state}. ${rows ? `${rows}. ` : ""}${wires.join("; ")}`;
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
