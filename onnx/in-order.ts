/**
 * The nodes of a graph in an order in which they can be computed. ONNX demands it of a file, runtimes do without: what walks a
 * graph here, a gradient above all, goes by the order alone and would leave out what comes too late.
 */
import type { OnnxNode } from "./ir.ts";
import { usesOf } from "./rewrite/captures.ts";

/** The same nodes where they are in order. Throws a SyntaxError where there is none, and where two nodes make one value. */
export function inOrder(nodes: readonly OnnxNode[]): readonly OnnxNode[] {
  const makers = new Map<string, number>();
  for (const [i, { name, outputs }] of nodes.entries())
    for (const output of outputs.filter((output) => output !== "")) {
      if (makers.has(output)) throw new SyntaxError(`Cannot read ONNX node "${name}": another makes "${output}" too`);
      makers.set(output, i);
    }
  const needs = nodes.map((node) => usesOf(node).flatMap((name) => makers.get(name) ?? []));
  if (needs.every((others, i) => others.every((other) => other < i))) return nodes;

  const users = nodes.map((): number[] => []);
  for (const [i, others] of needs.entries()) for (const other of others) users[other].push(i);
  const missing = needs.map(({ length }) => length);
  const ready = [...nodes.keys()].filter((i) => missing[i] === 0);
  for (const i of ready) for (const user of users[i]) if (--missing[user] === 0) ready.push(user);
  const stuck = nodes.find((_, i) => missing[i] > 0);
  if (stuck) throw new SyntaxError(`Cannot read ONNX node "${stuck.name}": what it needs goes round in a circle`);
  return ready.map((i) => nodes[i]);
}
