import { currentFormat } from "./migrate.ts";
import type { About, Graph, GraphNode, Look, Slot } from "./types.ts";

/**
 * The document in litegraph 0.7's serialised form, as `LGraph.serialize()` gives it: any litegraph host that knows the
 * node types opens it. `readDocument` of the result is the document again.
 */
export function writeDocument(document: Graph): object {
  const { nodes, links, groups, about } = document;
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const entering = new Map(links.map((link) => [`${link.to} ${link.input}`, link.id]));
  const leaving = new Map<string, number[]>();
  for (const { id, from, output } of links) {
    const port = `${from} ${output}`;
    leaving.set(port, [...(leaving.get(port) ?? []), id]);
  }
  return {
    last_node_id: nodes.reduce((last, { id }) => Math.max(last, id), 0),
    last_link_id: links.reduce((last, { id }) => Math.max(last, id), 0),
    nodes: nodes.map((node, order) => writeNode(node, order, entering, leaving)),
    links: links.map(({ id, from, output, to, input }) => {
      const outputs = byId.get(from)?.outputs ?? [];
      const inputs = byId.get(to)?.inputs ?? [];
      const slot = inputs.findIndex(({ name }) => name === input);
      return [id, from, outputs.findIndex(({ name }) => name === output), to, slot, inputs[slot]?.type ?? 0];
    }),
    groups: groups.map(({ title, bounding, color, fontSize }) => ({
      title,
      bounding: [...bounding],
      ...(color !== undefined && { color }),
      ...(fontSize !== undefined && { font_size: fontSize }),
    })),
    config: {},
    extra: { guidegraph: writeAbout(about) },
    version: 0.4,
  };
}

const writeAbout = ({ title, description, versions, library }: About) => ({
  format: currentFormat,
  ...(title !== undefined && { title }),
  ...(description !== undefined && { description }),
  versions: { ...versions },
  ...(library !== undefined && { library: { ...library } }),
});

function writeNode(
  node: GraphNode,
  order: number,
  entering: ReadonlyMap<string, number>,
  leaving: ReadonlyMap<string, readonly number[]>,
): object {
  const { id, type, title, mode, properties, inputs, outputs, inner, pos, size, look } = node;
  return {
    id,
    type,
    pos: [...pos],
    size: [...size],
    flags: writeFlags(look),
    order,
    mode,
    inputs: inputs.map((slot) => ({ ...writeSlot(slot), link: entering.get(`${id} ${slot.name}`) ?? null })),
    outputs: outputs.map((slot) => ({ ...writeSlot(slot), links: leaving.get(`${id} ${slot.name}`) ?? null })),
    ...(title !== undefined && { title }),
    properties: structuredClone(properties),
    ...writeColours(look),
    ...(inner && { subgraph: writeDocument(inner) }),
  };
}

const writeSlot = ({ name, type, label }: Slot) => ({ name, type, ...(label !== undefined && { label }) });

const writeFlags = ({ collapsed, pinned }: Look) => ({ ...(collapsed && { collapsed }), ...(pinned && { pinned }) });

const writeColours = ({ color, bgcolor, boxcolor, shape }: Look) => ({
  ...(color !== undefined && { color }),
  ...(bgcolor !== undefined && { bgcolor }),
  ...(boxcolor !== undefined && { boxcolor }),
  ...(shape !== undefined && { shape }),
});
