/**
 * What a node's picture depends on: the nodes whose values reach it, with their parameters and wires. A picture is of an earlier
 * setting when one of these is another by now, and not when a file's name or a muted saver is.
 */
import {
  canonical,
  type Graph,
  type GraphDocument,
  groupBy,
  isBorder,
  straightened,
  structures,
} from "../../graphs/document/index.ts";
import { nodeOf } from "./graph.ts";
import { graphAt, type Level } from "./level.ts";
import { hashOf } from "./origin.ts";

/** A text that is another when what the node at `level` and `id` shows may be; undefined where the document has no such node. */
export function dependenceOf(document: GraphDocument, level: Level, id: number): string | undefined {
  const graph = graphAt(document, level);
  if (!graph || !nodeOf(graph, id)) return undefined;
  const { text, isFedFromOutside } = within(graph, id);
  if (level.length === 0) return text;
  const [outer, holder] = [level.slice(0, -1), level[level.length - 1]];
  const around = graphAt(document, outer);
  const isLoop = around && nodeOf(around, holder)?.type === structures.loop;
  // What goes round in a loop depends on all of its step.
  const inside = isLoop ? hashOf(graph) : text;
  return isFedFromOutside || isLoop ? `${inside} ${dependenceOf(document, outer, holder)}` : inside;
}

interface Within {
  readonly text: string;
  readonly isFedFromOutside: boolean;
}

const known = new WeakMap<Graph, Map<number, Within>>();

function within(graph: Graph, id: number): Within {
  const texts = known.get(graph) ?? new Map<number, Within>();
  known.set(graph, texts);
  const before = texts.get(id);
  if (before) return before;
  const links = straightened(graph);
  const entering = groupBy(links, ({ to }) => to);
  const reached = new Set([id]);
  for (const one of reached) for (const { from } of entering.get(one) ?? []) reached.add(from);
  const nodes = graph.nodes.filter((node) => reached.has(node.id));
  const content = nodes.map(({ id: own, type, mode, properties, inner, outputs }) => ({
    ...{ own, type, mode, inner: inner && hashOf(inner) },
    // What gives nothing only shows or saves: how it calls its file is no part of what is seen.
    ...(own !== id || outputs.length > 0 ? { properties } : {}),
    fed: (entering.get(own) ?? []).map(({ from, output, input }) => `${input} ${from} ${output}`).toSorted(),
  }));
  const made = { text: canonical(content), isFedFromOutside: nodes.some((node) => isBorder(node)) };
  texts.set(id, made);
  return made;
}
