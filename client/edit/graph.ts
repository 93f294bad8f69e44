/** Edits of one graph: from a graph to the next, never in place. Whatever a person does ends in one of these. */
import {
  type Graph,
  type GraphNode,
  linkedPast,
  modes,
  type Off,
  offOf,
  own,
  structures,
  withProperty,
} from "../../graphs/document/index.ts";
import type { Catalogue } from "./catalogue.ts";

export type Point = readonly [x: number, y: number];

export const nodeOf = (graph: Graph, id: number): GraphNode | undefined => graph.nodes.find((node) => node.id === id);

export const nextId = ({ nodes }: Graph): number => nodes.reduce((last, { id }) => Math.max(last, id), 0) + 1;

export const nextLinkId = ({ links }: Graph): number => links.reduce((last, { id }) => Math.max(last, id), 0) + 1;

const mapNodes = (graph: Graph, ids: ReadonlySet<number>, change: (node: GraphNode) => GraphNode): Graph => ({
  ...graph,
  nodes: graph.nodes.map((node) => (ids.has(node.id) ? change(node) : node)),
});

export function addNode(graph: Graph, node: GraphNode, catalogue: Catalogue): Graph {
  const version = catalogue.byType.get(node.type)?.version;
  const versions = version === undefined ? graph.about.versions : { ...graph.about.versions, [node.type]: version };
  return { ...graph, nodes: [...graph.nodes, node], about: { ...graph.about, versions } };
}

/** Without the nodes and every wire that touched them; a wire that one of them only led round a corner heals. */
export function removeNodes(graph: Graph, ids: ReadonlySet<number>): Graph {
  const isReroute = ({ id, type }: GraphNode) => ids.has(id) && type === structures.reroute;
  const links = linkedPast(graph.links, new Set(graph.nodes.filter(isReroute).map(({ id }) => id)));
  return {
    ...graph,
    nodes: graph.nodes.filter(({ id }) => !ids.has(id)),
    links: links.filter(({ from, to }) => !ids.has(from) && !ids.has(to)),
  };
}

/** An input takes one wire, so the one that was there goes. */
export function connect(graph: Graph, from: number, output: string, to: number, input: string): Graph {
  const links = graph.links.filter((link) => link.to !== to || link.input !== input);
  return { ...graph, links: [...links, { id: nextLinkId(graph), from, output, to, input }] };
}

export const disconnect = (graph: Graph, link: number): Graph => ({
  ...graph,
  links: graph.links.filter(({ id }) => id !== link),
});

/** A pinned node stays where it is. */
export function moveNodes(graph: Graph, positions: ReadonlyMap<number, Point>): Graph {
  const free = graph.nodes.filter(({ id, look }) => positions.has(id) && !look.pinned);
  if (free.length === 0) return graph;
  const ids = new Set(free.map(({ id }) => id));
  return mapNodes(graph, ids, (node) => ({ ...node, pos: positions.get(node.id) ?? node.pos }));
}

/** Groups by their index; they stay as large as they are. */
export function moveGroups(graph: Graph, positions: ReadonlyMap<number, Point>): Graph {
  if (positions.size === 0) return graph;
  const groups = graph.groups.map((group, i) => {
    const [x, y] = positions.get(i) ?? group.bounding;
    return { ...group, bounding: [x, y, group.bounding[2], group.bounding[3]] as const };
  });
  return { ...graph, groups };
}

/** An empty title takes the group away. */
export function renameGroup(graph: Graph, index: number, title: string): Graph {
  const { groups } = graph;
  if (!groups[index] || groups[index].title === title) return graph;
  return {
    ...graph,
    groups: title === "" ? groups.toSpliced(index, 1) : groups.with(index, { ...groups[index], title }),
  };
}

export const removeGroup = (graph: Graph, index: number): Graph => renameGroup(graph, index, "");

/** What a person may colour a group; as litegraph's own palette has them. */
export const groupColours: readonly { readonly name: string; readonly color: string | undefined }[] = [
  { name: "Amber", color: undefined },
  { name: "Red", color: "#a88888" },
  { name: "Green", color: "#88aa88" },
  { name: "Blue", color: "#8888aa" },
  { name: "Grey", color: "#888888" },
];

/** Nodes whose upper left corner and width lie in a group. */
export const nodesInGroup = ({ groups, nodes }: Graph, index: number): ReadonlySet<number> => {
  const [x, y, width, height] = groups[index]?.bounding ?? [0, 0, 0, 0];
  const isIn = ({ pos, size }: GraphNode) =>
    pos[0] >= x && pos[0] + size[0] <= x + width && pos[1] >= y && pos[1] <= y + height;
  return new Set(nodes.filter(isIn).map(({ id }) => id));
};

/** An absent colour is the one that all groups have. */
export function colourGroup(graph: Graph, index: number, color: string | undefined): Graph {
  const { groups } = graph;
  if (!groups[index] || groups[index].color === color) return graph;
  const { color: _, ...group } = groups[index];
  return { ...graph, groups: groups.with(index, { ...group, ...(color !== undefined && { color }) }) };
}

/** What a graph is called, or what it does in a sentence. */
export const withAbout = (graph: Graph, key: "title" | "description", text: string): Graph =>
  (graph.about[key] ?? "") === text ? graph : { ...graph, about: { ...graph.about, [key]: text } };

/** A note is as wide as it is pulled; its height follows from its text. */
export const setWidth = (graph: Graph, id: number, width: number): Graph =>
  mapNodes(graph, new Set([id]), (node) => ({ ...node, size: [width, node.size[1]] }));

/** A value that is there already is no edit. */
export function setProperty(
  graph: Graph,
  id: number,
  name: string,
  value: unknown,
  { definitions }: Pick<Catalogue, "definitions">,
): Graph {
  const node = nodeOf(graph, id);
  if (!node || (Object.hasOwn(node.properties, name) && node.properties[name] === value)) return graph;
  return mapNodes(graph, new Set([id]), (node) => withProperty(node, name, value, definitions));
}

export function setTitle(graph: Graph, id: number, title: string): Graph {
  if ((nodeOf(graph, id)?.title ?? "") === title) return graph;
  return mapNodes(graph, new Set([id]), ({ title: _, ...node }) => (title === "" ? node : { ...node, title }));
}

/** Mutes or bypasses nodes; lets them run again when all of them are off in this way already. */
export function toggleOff(graph: Graph, ids: ReadonlySet<number>, off: Off): Graph {
  const all = graph.nodes.filter(({ id }) => ids.has(id)).every((node) => offOf(node) === off);
  return mapNodes(graph, ids, (node) => ({ ...node, mode: all ? modes.runs : modes[off] }));
}

/** Folds nodes to their heads, or pins them to their places; undoes it when all of them are so already. */
export function toggleLook(graph: Graph, ids: ReadonlySet<number>, what: "collapsed" | "pinned"): Graph {
  const all = graph.nodes.filter(({ id }) => ids.has(id)).every(({ look }) => look[what]);
  return mapNodes(graph, ids, ({ look: { [what]: _, ...look }, ...node }) => ({
    ...node,
    look: all ? look : { ...look, [what]: true },
  }));
}

/** Makes a parameter a slot, so that a wire can supply it; or takes slot and wire away again. */
export function toggleInput(graph: Graph, id: number, name: string, kind: string): Graph {
  const isSlot = nodeOf(graph, id)?.inputs.some((slot) => slot.name === name);
  const next = mapNodes(graph, new Set([id]), (node) => ({
    ...node,
    inputs: isSlot ? node.inputs.filter((slot) => slot.name !== name) : [...node.inputs, { name, type: kind }],
  }));
  return isSlot ? { ...next, links: next.links.filter((link) => link.to !== id || link.input !== name) } : next;
}

/** What only a wire brings so far is a parameter with a value; its wire goes. */
export function typeInput(graph: Graph, id: number, name: string, value: unknown, catalogue: Catalogue): Graph {
  const kept = own(nodeOf(graph, id)?.properties ?? {}, name) ?? value;
  return setProperty(toggleInput(graph, id, name, ""), id, name, kept, catalogue);
}

/** A frame with a title around nodes; `boxes` are their outlines on the canvas. */
export function addGroup(
  graph: Graph,
  title: string,
  boxes: readonly (readonly [number, number, number, number])[],
): Graph {
  const left = Math.min(...boxes.map(([x]) => x)) - 16;
  const top = Math.min(...boxes.map(([, y]) => y)) - 36;
  const right = Math.max(...boxes.map(([x, , w]) => x + w)) + 16;
  const bottom = Math.max(...boxes.map(([, y, , h]) => y + h)) + 16;
  return { ...graph, groups: [...graph.groups, { title, bounding: [left, top, right - left, bottom - top] }] };
}
