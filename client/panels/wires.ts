/** The wires of a node as a list: each slot opens a menu of what fits it, so that a keyboard wires as a mouse does. */
import { html, type TemplateResult } from "lit";
import { type GraphNode, realReaders, realSource } from "../../graphs/document/index.ts";
import { kindName } from "../../nodes/kinds.ts";
import { wire } from "../actions/connecting.ts";
import type { Editor } from "../actions/editor.ts";
import { kindOf, refusal } from "../edit/fit.ts";
import { disconnect, nodeOf } from "../edit/graph.ts";
import { titleOf } from "../edit/level.ts";
import type { LooseEnd } from "../edit/wish.ts";
import type { MenuItem } from "../state/overlay.ts";
import { inputWords, outputWords } from "../state/slot-facts.ts";
import { opened } from "../state/ui.ts";
import { slotGlyph } from "./glyph.ts";

type Side = LooseEnd["side"];

export function wires(editor: Editor, node: GraphNode): TemplateResult | "" {
  if (node.inputs.length + node.outputs.length === 0) return "";
  const line = (side: Side, name: string, kind: string) => html`<button class="wire" title="Choose what it is wired to"
    @click=${(event: Event) => choose(editor, node, side, name, event.currentTarget as HTMLElement)}>
    ${slotGlyph(editor.catalogue, editor.state.theme, node, `${side}s`, name)}<span>${name}</span><em>${otherEnds(editor, node, side, name)}</em>
    ${facts(editor, node, side, name, kind)}
  </button>`;
  return html`<section><h3>Wires</h3>
    ${node.inputs.map(({ name, type }) => line("input", name, String(type)))}
    ${node.outputs.map(({ name, type }) => line("output", name, String(type)))}
  </section>`;
}

/** What passes there, where more is known than the kind. */
function facts(editor: Editor, node: GraphNode, side: Side, name: string, kind: string): TemplateResult | "" {
  const words = side === "output" ? outputWords(editor.state, node.id, name) : inputWords(editor.state, node.id, name);
  return words === undefined || words === kindName(kind) ? "" : html`<small>${words}</small>`;
}

const linksOf = ({ graph }: Editor, { id }: GraphNode, side: Side, name: string) =>
  graph.links.filter((link) =>
    side === "input" ? link.to === id && link.input === name : link.from === id && link.output === name,
  );

function otherEnds(editor: Editor, node: GraphNode, side: Side, name: string): string {
  const { graph, catalogue } = editor;
  const [first, ...more] = linksOf(editor, node, side, name).flatMap((link) =>
    side === "input"
      ? (realSource(graph, { node: link.from, slot: link.output }) ?? [])
      : realReaders(graph, { node: link.to, slot: link.input }),
  );
  const other = first && nodeOf(graph, first.node);
  if (!other) return "not wired";
  return `${side === "input" ? "from" : "to"} ${titleOf(other, catalogue)}${more.length > 0 ? ` and ${more.length} more` : ""}`;
}

/** Every slot of the graph that this one could be wired to, and the wires there are, to be removed. */
function choose(editor: Editor, node: GraphNode, side: Side, slot: string, at: HTMLElement): void {
  const { graph, catalogue } = editor;
  const held: LooseEnd = { node: node.id, slot, side, kind: kindOf(node, side, slot) };
  const name = (id: number) => {
    const other = nodeOf(graph, id);
    return other ? titleOf(other, catalogue) : `${id}`;
  };
  const fitting = graph.nodes.flatMap((other) =>
    (side === "input" ? other.outputs : other.inputs)
      .filter((one) => refusal(graph, catalogue, held, other.id, one.name) === undefined)
      .map(
        (one): MenuItem => ({
          label: `${side === "input" ? "From" : "To"} ${name(other.id)}, ${one.name}`,
          run: () =>
            void wire(
              editor,
              side === "input"
                ? { from: other.id, output: one.name, to: node.id, input: slot }
                : { from: node.id, output: slot, to: other.id, input: one.name },
            ),
        }),
      ),
  );
  const cut = linksOf(editor, node, side, slot).map(
    ({ id, from, to }): MenuItem => ({
      label: `Remove the wire ${side === "input" ? "from" : "to"} ${name(side === "input" ? from : to)}`,
      danger: true,
      run: () => editor.edit((graph) => disconnect(graph, id)),
    }),
  );
  const { left, bottom } = at.getBoundingClientRect();
  const none: MenuItem = { label: "Nothing here fits it", disabled: true, run: () => {} };
  const items = [...(fitting.length > 0 ? fitting : [none]), ...(cut.length > 0 ? ["-" as const, ...cut] : [])];
  editor.apply(opened({ is: "menu", at: [left, bottom + 4], label: `Wire ${slot}`, items }));
}
