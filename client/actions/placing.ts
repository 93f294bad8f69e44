/** Putting nodes and samplers on the canvas. */
import {
  contentHash,
  type Graph,
  type GraphNode,
  newNode,
  readDocument,
  structures,
} from "../../graphs/document/index.ts";
import type { ModelSummary } from "../../server/protocol.ts";
import { pointOnGrid } from "../edit/arrange-marks.ts";
import type { Catalogue } from "../edit/catalogue.ts";
import type { Pasted } from "../edit/clipboard.ts";
import { differentiateStart } from "../edit/differentiate.ts";
import { freePlace } from "../edit/free-place.ts";
import { nextId, type Point } from "../edit/graph.ts";
import { type Inserted, insertAtEnd, insertIntoWire, insertNode } from "../edit/insert.ts";
import { loopStart } from "../edit/loop-start.ts";
import { withOrigin } from "../edit/origin.ts";
import { insertReroute, rerouteSize } from "../edit/reroute.ts";
import type { LooseEnd } from "../edit/wish.ts";
import type { State } from "../state/state.ts";
import { documentOf } from "../state/tab.ts";
import { opened } from "../state/ui.ts";
import { reconsider } from "./connecting.ts";
import type { Editor } from "./editor.ts";

/** What a new node that holds a graph begins with. */
const beginnings: Readonly<Record<string, (catalogue: Catalogue) => Graph>> = {
  [structures.loop]: loopStart,
  [structures.differentiate]: differentiateStart,
};

/**
 * The node where it lies on no other: where it is, else as near to it as there is room, of what is seen. Without a place, by the
 * middle of what is seen. What feeds the held end of a wire lies left of the place where it was dropped.
 */
export function atFreePlace(
  { canvas, graph }: Pick<Editor, "canvas" | "graph">,
  node: GraphNode,
  at?: Point,
  held?: Pick<LooseEnd, "side">,
): GraphNode {
  const [, y, width, height] = canvas?.boxOf(node, graph) ?? [0, 0, 0, 0];
  const head = node.pos[1] - y;
  const [left, top, seenWidth, seenHeight] = canvas?.clear ?? [0, 0, 0, 0];
  const dropped: Point = at ?? [left + (seenWidth - width) / 2, top + (seenHeight - height) / 2 + head];
  const hung: Point = held?.side === "input" ? [dropped[0] - width, dropped[1]] : dropped;
  const boxesAt = ([x, y]: Point) => [[x, y - head, width, height] as const];
  return { ...node, pos: freePlace(hung, boxesAt, canvas?.boxes() ?? [], [left, top, seenWidth, seenHeight]) };
}

/** Nodes that have just come, all of them moved on together until none lies on one that was there. */
export function besideOthers({ canvas, graph }: Pick<Editor, "canvas" | "graph">, pasted: Pasted): Pasted {
  if (!canvas || pasted.ids.size * graph.nodes.length === 0) return pasted;
  const isNew = ({ id }: GraphNode) => pasted.ids.has(id);
  const coming = pasted.graph.nodes.filter(isNew).map((node) => canvas.boxOf(node, pasted.graph));
  const boxesAt = ([dx, dy]: Point) => coming.map(([x, y, w, h]) => [x + dx, y + dy, w, h] as const);
  const [dx, dy] = freePlace([0, 0], boxesAt, canvas.boxes(), canvas.clear);
  const moved = (node: GraphNode) =>
    isNew(node) ? { ...node, pos: [node.pos[0] + dx, node.pos[1] + dy] as const } : node;
  return { ...pasted, graph: { ...pasted.graph, nodes: pasted.graph.nodes.map(moved) } };
}

/** Adds a node; wires it with what is held, or puts it into the wire `into`. Gives its id. */
export function placeNode(
  editor: Editor,
  type: string,
  at?: Point,
  held?: LooseEnd,
  into?: number,
  set: Readonly<Record<string, string>> = {},
): number {
  const id = nextId(editor.graph);
  const { definitions } = editor.catalogue;
  const inner = beginnings[type]?.(editor.catalogue);
  const file = likelyFile(editor.state, type);
  const given = { ...(file !== undefined && { file }), ...set };
  const place = pointOnGrid(at ?? editor.canvas?.centre ?? [0, 0]);
  const node = newNode({ id, type, pos: place, inner, set: given }, definitions);
  const isReroute = type === structures.reroute;
  const lying = isReroute ? centred(node) : atFreePlace(editor, node, at, held);
  if (isReroute && into !== undefined) putReroute(editor, into, at ?? place);
  else if (held) put(editor, id, (graph) => insertAtEnd(graph, editor.catalogue, lying, held));
  else if (into !== undefined) put(editor, id, (graph) => insertIntoWire(graph, editor.catalogue, lying, into));
  else put(editor, id, (graph) => insertNode(graph, editor.catalogue, lying));
  if (type === structures.note) writeNote(editor, id);
  return id;
}

/** What a network is loaded as, by the node that loads it. */
const roles: Readonly<Record<string, ModelSummary["role"]>> = {
  "guidegraph/load-unet": "unet",
  "guidegraph/load-classifier": "classifier",
  "guidegraph/load-network": "network",
};

/** The model that a new node most likely wants, which its card then shows: what an open document loads so, else the only one. */
function likelyFile({ models, tabs, active }: State, type: string): string | undefined {
  const role = roles[type];
  if (role === undefined) return undefined;
  const here = models.filter((model) => model.role === role).map(({ id }) => id);
  const newest = [...tabs].sort((a, b) => Number(b.key === active) - Number(a.key === active));
  const loaded = newest
    .flatMap((tab) => documentOf(tab).nodes)
    .filter((node) => node.type === type)
    .map(({ properties }) => String(properties.file));
  return loaded.find((file) => here.includes(file)) ?? (here.length === 1 ? here[0] : undefined);
}

const centred = (node: GraphNode): GraphNode => ({ ...node, pos: [node.pos[0], node.pos[1] - rerouteSize[1] / 2] });

/** Leads a wire through a new point, which takes the selection. Gives its id. */
export function putReroute(editor: Editor, link: number, at: Point, stroke?: string): number | undefined {
  const made = insertReroute(editor.graph, editor.catalogue, link, at);
  if (!made) return undefined;
  editor.edit(() => made.graph, stroke);
  editor.select(new Set([made.id]));
  return made.id;
}

/** Opens a note's text in its place. */
export function writeNote(editor: Editor, id: number): void {
  editor.apply(opened({ is: "note", id, stroke: `note ${id} ${performance.now()}` }));
}

/** Puts a node into the graph one looks at, and selects it; a wire that it came with is judged. */
function put(editor: Editor, id: number, insert: (graph: Graph) => Inserted): void {
  const stroke = `insert ${id} ${performance.now()}`;
  const { graph, wish } = insert(editor.graph);
  editor.edit(() => graph, stroke);
  editor.select(new Set([id]));
  if (wish) void reconsider(editor, wish, stroke);
}

/** A copy of a library entry, which remembers where it came from. */
export async function insertSampler(editor: Editor, name: string, at?: Point, held?: LooseEnd): Promise<void> {
  const { tab } = editor;
  if (!tab) return;
  try {
    const inner = readDocument(await editor.api.sampler(name));
    if (editor.tab?.key !== tab.key || editor.tab.level !== tab.level) return; // One looks elsewhere by now.
    const library = { name, version: inner.about.library?.version ?? 1, hash: contentHash(inner) };
    const node = newNode(
      {
        id: nextId(editor.graph),
        type: structures.subgraph,
        title: inner.about.title ?? name,
        inner: withOrigin(inner, library),
        pos: [0, 0],
      },
      editor.catalogue.definitions,
    );
    const lying = atFreePlace(editor, node, at, held);
    put(editor, node.id, (graph) =>
      held ? insertAtEnd(graph, editor.catalogue, lying, held) : insertNode(graph, editor.catalogue, lying),
    );
  } catch (error) {
    editor.say({ text: `Cannot insert “${name}”`, more: (error as Error).message, bad: true });
  }
}
