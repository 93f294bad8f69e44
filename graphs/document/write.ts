import { groupBy } from "./group-by.ts";
import { type Json, type Kept, withKept } from "./kept.ts";
import { currentFormat } from "./migrate.ts";
import { allAtOnce, eachInPieces, mapInPieces, type Pieces } from "./pieces.ts";
import { plain } from "./plain.ts";
import type { About, Graph, GraphGroup, GraphLink, GraphNode, Look, Slot } from "./types.ts";

/**
 * The document in litegraph 0.7's serialised form, as `LGraph.serialize()` gives it: any litegraph host that knows the
 * node types opens it. `readDocument` of the result is the document again. What the file it came from said otherwise, or
 * beyond what we know, is said again wherever nothing was edited.
 */
export const writeDocument = (document: Graph): object => allAtOnce(writeInPieces(document));

/** The same, in pieces. */
export function* writeInPieces(document: Graph): Pieces<object> {
  const { nodes, links, groups, kept, linkObjects } = document;
  const write = canonicalOf(document);
  const written = {
    ...write.graph(),
    nodes: yield* eachInPieces(nodes, function* (node, order): Pieces<object> {
      const { inputs, outputs, ...rest } = withKept(write.node(node, order), node.kept);
      return {
        ...rest,
        ...slotsWith("inputs", inputs, node.inputs, write.input(node)),
        ...slotsWith("outputs", outputs, node.outputs, write.output(node)),
        ...(node.inner && { subgraph: yield* writeInPieces(node.inner) }),
      };
    }),
    links: yield* mapInPieces(links, (link) => {
      const fields = withKept(write.link(link), link.kept);
      return linkObjects ? fields : entryOf(fields);
    }),
    groups: groups.map((group) => withKept(write.group(group), group.kept)),
  };
  return kept ? withCounters(withKept(written, kept), kept) : written;
}

/** As a list: what a link among objects had beside its six fields has no place there. */
const entryOf = (fields: Json): unknown[] =>
  Object.entries(fields).flatMap(([key, value]) => (linkFields.has(key) || key.startsWith("_") ? [value] : []));
const linkFields = new Set(["id", "origin_id", "origin_slot", "target_id", "target_slot", "type"]);

/** A list that the file did not have is none while it would be empty. */
const slotsWith = (side: string, list: unknown, slots: readonly Slot[], write: (slot: Slot) => Json): Json =>
  slots.length > 0 || Array.isArray(list)
    ? { [side]: slots.map((slot) => withKept(write(slot), slot.kept)) }
    : list === undefined
      ? {}
      : { [side]: list };

/** The last ids that a file has given never go back; one that has none gets none. */
function withCounters(graph: Json, kept: Kept): Json {
  const next: Record<string, unknown> = { ...graph };
  for (const key of ["last_node_id", "last_link_id"]) {
    const told = kept[key];
    if (told === undefined || "within" in told) continue;
    if (told.raw === undefined) delete next[key];
    else if (typeof told.raw === "number") next[key] = Math.max(told.raw, Number(next[key]));
  }
  return next;
}

/** How each part of a graph is written where no file has said otherwise. */
export function canonicalOf({ nodes, links, about }: Graph) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const entering = new Map(links.map((link) => [`${link.to} ${link.input}`, link.id]));
  const leaving = groupBy(links, ({ from, output }) => `${from} ${output}`);
  return {
    graph: (): Json => ({
      last_node_id: nodes.reduce((last, { id }) => Math.max(last, id), 0),
      last_link_id: links.reduce((last, { id }) => Math.max(last, id), 0),
      nodes: [],
      links: [],
      groups: [],
      config: {},
      extra: { guidegraph: writeAbout(about) },
      version: 0.4,
    }),
    node: writeNode,
    input:
      ({ id }: GraphNode) =>
      (slot: Slot): Json => ({ ...writeSlot(slot), link: entering.get(`${id} ${slot.name}`) ?? null }),
    output:
      ({ id }: GraphNode) =>
      (slot: Slot): Json => ({
        ...writeSlot(slot),
        links: leaving.get(`${id} ${slot.name}`)?.map(({ id }) => id) ?? null,
      }),
    /** Its fields by their names in newer litegraphs, in the order of the older ones' lists. */
    link({ id, from, output, to, input }: GraphLink): Json {
      const inputs = byId.get(to)?.inputs ?? [];
      const slot = inputs.findIndex(({ name }) => name === input);
      return {
        id,
        origin_id: from,
        origin_slot: (byId.get(from)?.outputs ?? []).findIndex(({ name }) => name === output),
        target_id: to,
        target_slot: slot,
        type: inputs[slot]?.type ?? 0,
      };
    },
    group: ({ title, bounding, color, fontSize }: GraphGroup): Json => ({
      title,
      bounding: [...bounding],
      ...(color !== undefined && { color }),
      ...(fontSize !== undefined && { font_size: fontSize }),
    }),
  };
}

const writeAbout = ({ id, title, description, versions, library }: About) => ({
  format: currentFormat,
  ...(id !== undefined && { id }),
  ...(title !== undefined && { title }),
  ...(description !== undefined && { description }),
  versions: { ...versions },
  ...(library !== undefined && { library: { ...library } }),
});

function writeNode({ id, type, title, mode, properties, pos, size, look }: GraphNode, order: number): Json {
  return {
    id,
    type,
    pos: [...pos],
    size: [...size],
    flags: writeFlags(look),
    order,
    mode,
    inputs: [],
    outputs: [],
    ...(title !== undefined && { title }),
    properties: plain(properties),
    ...writeColours(look),
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
