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

/**
 * Every form that the same may take, by the numbers that only a run knows: each decides by whether it is 0, and independently of
 * the others, but where what it decides is not needed. At most so many, and one where nothing is open.
 */
export function formsOf(
  graph: DrawnGraph,
  wishes: readonly DrawnWish[],
  outside: readonly unknown[],
  most: number,
): readonly Needed[] {
  const forms = new Map<string, Needed>();
  const visit = (values: readonly unknown[]): void => {
    if (forms.size >= most) return;
    const needed = neededOf(graph, wishes, values);
    const open = [...outsideOf(graph, neededOf(graph, wishes, values, true), true)].find(
      (index) => !isKnown(values[index]),
    );
    if (open === undefined) forms.set(JSON.stringify([...needed].map(([path, ports]) => [path, ...ports])), needed);
    else for (const value of [1, 0]) visit(values.with(open, value));
  };
  visit([...outside]);
  return [...forms.values()];
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
  if (!values.every(isKnown)) return new Set(all.filter((port) => !surely || !ports[port].lazy));
  const asked = needs(Object.fromEntries(told.map((port, i) => [port, values[i]])));
  return new Set(all.filter((port) => !ports[port].lazy || asked.includes(port)));
}

/** What stands for a number that is not there yet is none (`standIn`). */
const isKnown = (value: unknown): boolean => value !== undefined && !Number.isNaN(value);
