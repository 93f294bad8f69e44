/** Putting nodes and samplers on the canvas. */
import {
  anyKind,
  contentHash,
  type Graph,
  type GraphNode,
  newNode,
  type PortShape,
  portsOf,
  readDocument,
  structures,
} from "../../graphs/document/index.ts";
import { addNode, connect, nextId, nodeOf, type Point } from "../edit/graph.ts";
import { insertReroute, rerouteSize } from "../edit/reroute.ts";
import { type LooseEnd, wishFrom } from "../edit/wish.ts";
import { opened } from "../state/ui.ts";
import { reconsider } from "./connecting.ts";
import type { Editor } from "./editor.ts";

/** A new card is about so large. */
const [cardWidth, cardHeight] = [176, 120];

/** Where a node goes when nobody says where: by the middle of what is seen, on no other. */
export function freePlace({ canvas }: Editor): Point {
  const [x, y] = canvas?.centre ?? [0, 0];
  const boxes = canvas?.boxes() ?? [];
  const isFree = ([px, py]: Point) =>
    boxes.every(
      ([bx, by, w, h]) => bx > px + cardWidth || bx + w < px || by > py + cardHeight - 28 || by + h < py - 28,
    );
  const around = Array.from({ length: 200 }, (_, i): Point => {
    const [ring, turn] = [Math.ceil(i / 8) * 40, ((i % 8) * Math.PI) / 4];
    return [x - cardWidth / 2 + ring * Math.cos(turn), y + ring * Math.sin(turn)];
  });
  const [px, py] = around.find(isFree) ?? around[0];
  return onGrid([px, py]);
}

/** Adds a node; wires it with what is held, or puts it into the wire `into`. Gives its id. */
export function placeNode(editor: Editor, type: string, at?: Point, held?: LooseEnd, into?: number): number {
  const id = nextId(editor.graph);
  const place = at ?? freePlace(editor);
  const node = newNode({ id, type, pos: onGrid(place) }, editor.catalogue.definitions);
  const isReroute = type === structures.reroute;
  if (isReroute && into !== undefined) putReroute(editor, into, place);
  else insert(editor, isReroute ? centred(node) : node, held, into);
  if (type === structures.note) writeNote(editor, id);
  return id;
}

const onGrid = ([x, y]: Point): Point => [Math.round(x / 8) * 8, Math.round(y / 8) * 8];

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

function insert(editor: Editor, node: GraphNode, held?: LooseEnd, into?: number): void {
  const { id } = node;
  const ports = portsOf(node, editor.catalogue.definitions);
  const stroke = `insert ${id} ${performance.now()}`;
  const port = held && fits(held.side === "output" ? ports?.inputs : ports?.outputs, held.kind, held.meaning);
  editor.edit((graph) => {
    const next = addNode(graph, node, editor.catalogue);
    if (held) {
      if (port === undefined) return next;
      return held.side === "output"
        ? wired(next, held.node, held.slot, id, port, held.kind)
        : connect(next, id, port, held.node, held.slot);
    }
    const link = graph.links.find((one) => one.id === into);
    const from = link && nodeOf(graph, link.from);
    const kind = String(from?.outputs.find(({ name }) => name === link?.output)?.type ?? "");
    const [input, output] = [fits(ports?.inputs, kind), fits(ports?.outputs, kind)];
    if (!link || input === undefined || output === undefined) return next;
    return connect(connect(next, link.from, link.output, id, input), id, output, link.to, link.input);
  }, stroke);
  editor.select(new Set([id]));
  if (held && port !== undefined) void reconsider(editor, wishFrom(held, id, port), stroke);
}

/** The port that takes a kind: one that is made for its meaning before another. */
function fits(of: Readonly<Record<string, PortShape>> = {}, kind: string, meaning?: string): string | undefined {
  const all = Object.entries(of).filter(([, port]) => port.kind === kind || port.kind === anyKind);
  const same = all.find(([, port]) => meaning !== undefined && (port as { meaning?: string }).meaning === meaning);
  return (same ?? all[0])?.[0];
}

/** A wire into a parameter makes it a slot. */
function wired(graph: Graph, from: number, output: string, to: number, input: string, kind: string): Graph {
  const nodes = graph.nodes.map((node) =>
    node.id === to && !node.inputs.some(({ name }) => name === input)
      ? { ...node, inputs: [...node.inputs, { name: input, type: kind }] }
      : node,
  );
  return connect({ ...graph, nodes }, from, output, to, input);
}

/** A copy of a library entry, which remembers where it came from. */
export async function insertSampler(editor: Editor, name: string, at?: Point): Promise<void> {
  const { tab } = editor;
  if (!tab) return;
  try {
    const inner = readDocument(await editor.api.sampler(name));
    if (editor.tab?.key !== tab.key || editor.tab.level !== tab.level) return; // One looks elsewhere by now.
    const place = at ?? freePlace(editor);
    const library = { name, version: inner.about.library?.version ?? 1, hash: contentHash(inner) };
    const node = newNode(
      {
        id: nextId(editor.graph),
        type: structures.subgraph,
        title: inner.about.title ?? name,
        inner: { ...inner, about: { ...inner.about, library } },
        pos: onGrid(place),
      },
      editor.catalogue.definitions,
    );
    insert(editor, node);
  } catch (error) {
    editor.say({ text: `Cannot insert “${name}”`, more: (error as Error).message, bad: true });
  }
}
