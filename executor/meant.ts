/**
 * What a port of a node is of: its definition says so. A port of one that holds a graph is what the node in it says that makes it,
 * or takes it.
 */
import { borderName, graphSlot, own } from "../graphs/document/index.ts";
import { isStructure, type Meaning, type Port } from "../nodes/index.ts";
import { isGraphInput, type Placed, type Scope } from "./scope.ts";

/** Of an output. Undefined where a graph hands on what enters it. */
export function madeAs(placed: Placed, output: string): Port | undefined {
  let [at, name] = [placed, output];
  for (let end = innerEnd(at, name); end; end = innerEnd(at, name)) {
    const link = end.scope.wires.get(`${end.node.id} ${graphSlot}`);
    const origin = link && end.scope.nodes.get(link.from);
    if (!link || !origin || isGraphInput(origin)) return undefined;
    [at, name] = [origin, link.output];
  }
  return at.outputs.get(name);
}

/** What leaves a graph under this name, unless it is an output of the node's own. */
function innerEnd({ entry, inner }: Placed, output: string): Placed | undefined {
  const isOwn = entry && isStructure(entry) && own(entry.outputs, output) !== undefined;
  return isOwn ? undefined : inner?.outputs.get(output);
}

/** Of an input: what the first of those that read it says, and has to say something. */
export function takenAs(placed: Placed, input: string): Meaning | undefined {
  const { inner } = placed;
  if (!inner?.inputs.has(input)) return placed.inputs.get(input)?.meaning;
  if (!taken.has(inner)) taken.set(inner, takenIn(inner));
  return taken.get(inner)!.get(input);
}

/** Each graph is looked through once, however many read what leads around it. */
const taken = new WeakMap<Scope, ReadonlyMap<string, Meaning>>();

function takenIn({ nodes, wires }: Scope): ReadonlyMap<string, Meaning> {
  const found = new Map<string, Meaning>();
  for (const node of nodes.values())
    for (const port of node.inputs.keys()) {
      const start = nodes.get(wires.get(`${node.node.id} ${port}`)?.from ?? Number.NaN);
      const name = start && isGraphInput(start) ? borderName(start.node) : undefined;
      const meaning = name === undefined || found.has(name) ? undefined : takenAs(node, port);
      if (name !== undefined && meaning !== undefined) found.set(name, meaning);
    }
  return found;
}
