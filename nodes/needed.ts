/**
 * Which part of what is wired is drawn: where the numbers at hand say which of its lazy inputs a node needs, as Switch does, what
 * only the others would have been read for is left out. Another choice makes another graph.
 */
import type { DrawnGraph, DrawnNode, DrawnWish } from "./drawing.ts";

/** The ports by which a node is drawn, by the path of each that is needed. */
export type Needed = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * `outside`: the values at hand, by number. Of a node that decides by what is not among them all inputs are needed, or, where
 * `surely`, those alone that it needs in any case.
 */
export function neededOf(
  { nodes, of }: DrawnGraph,
  wishes: readonly DrawnWish[],
  outside: readonly unknown[],
  surely = false,
): Needed {
  const byPath = new Map(nodes.map((node) => [node.path, node]));
  const needed = new Map<string, ReadonlySet<string>>();
  const waiting = wishes.flatMap((wish) => (wish === "gradient" ? [] : [wish.of]));
  if (of.is === "output") waiting.push(of.of);
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const node = byPath.get(path);
    if (!node || needed.has(path)) continue;
    const ports = portsOf(node, outside, surely);
    needed.set(path, ports);
    for (const port of ports) {
      const source = node.inputs[port];
      if (source.is === "output") waiting.push(source.of);
    }
  }
  return needed;
}

/** The numbers of the values from outside that these ports read, or those of their nodes by which they decide. */
export function outsideOf({ nodes }: DrawnGraph, needed: Needed, deciding = false): ReadonlySet<number> {
  return new Set(
    nodes.flatMap(({ path, inputs, definition }) =>
      [...(needed.get(path) ?? [])].flatMap((port) => {
        const source = inputs[port];
        const isAsked = !deciding || (definition.needs && definition.inputs[port].parameter);
        return source.is === "outside" && isAsked ? [source.index] : [];
      }),
    ),
  );
}

/** Whether what is needed is known with values that are not at hand yet alone. */
export function isOpen(graph: DrawnGraph, wishes: readonly DrawnWish[], outside: readonly unknown[]): boolean {
  const portsIn = (needed: Needed) => [...needed.values()].reduce((sum, { size }) => sum + size, 0);
  return portsIn(neededOf(graph, wishes, outside, true)) < portsIn(neededOf(graph, wishes, outside));
}

/** Whether some node leaves out what is wired to it. */
export const isChosen = ({ nodes }: DrawnGraph, needed: Needed): boolean =>
  nodes.some(({ path, inputs }) => (needed.get(path)?.size ?? 0) < Object.keys(inputs).length);

function portsOf({ definition, inputs }: DrawnNode, outside: readonly unknown[], surely: boolean): ReadonlySet<string> {
  const { inputs: ports, needs } = definition;
  const all = Object.keys(inputs);
  if (!needs) return new Set(all);
  const told = all.filter((port) => ports[port].parameter);
  const values = told.map((port) => {
    const source = inputs[port];
    return source.is === "outside" ? outside[source.index] : undefined;
  });
  // What stands for a number that is not there yet is none (`standIn`).
  const isKnown = values.every((value) => value !== undefined && !Number.isNaN(value));
  if (!isKnown) return new Set(all.filter((port) => !surely || !ports[port].lazy));
  const asked = needs(Object.fromEntries(told.map((port, i) => [port, values[i]])));
  return new Set(all.filter((port) => !ports[port].lazy || asked.includes(port)));
}
