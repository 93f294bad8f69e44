/** One graph of several: networks put into the graph that calls them, each weight stored once. */
import type { OnnxGraph, OnnxModel, OnnxNode, ValueInfo } from "./ir.ts";
import { identity, type Value } from "./rewrite/builder.ts";
import { renameValues } from "./rewrite/captures.ts";
import { StandardModel } from "./standard/standard.ts";

/** A network that a graph calls. Until it is put in, what it gives is an input of that graph. */
export interface Call {
  /** Tells its values from those of other calls. */
  readonly name: string;
  /** Before which node of the graph it stands. */
  readonly at: number;
  /** Equal for calls of one network. */
  readonly network: string;
  /** By the names of the network: what it is given, and what its outputs are called in the graph. */
  readonly inputs: ReadonlyMap<string, Value>;
  readonly outputs: ReadonlyMap<string, Value>;
}

/** The graph that does nothing but call: what the calls are given are its inputs, what they give its outputs. */
export function sideBySide(inputs: readonly ValueInfo[], calls: readonly Call[]): OnnxGraph {
  const outputs = calls.flatMap((call) => [...call.outputs.values()]);
  return {
    ...{ name: "side by side", nodes: [], inputs, initializers: new Map() },
    outputs: outputs.map((name) => ({ name, type: "float32" })),
  };
}

/** Throws a RangeError for a network in an opset that cannot be read. */
export function compose(graph: OnnxGraph, calls: readonly Call[], networks: ReadonlyMap<string, OnnxModel>): OnnxModel {
  const models = new Map([...networks].map(([key, model]) => [key, StandardModel.of(model)]));
  const order = [...models.keys()];
  const weightsOf = (key: string): string => `network${order.indexOf(key)}/`;
  const nodes: OnnxNode[] = [];
  const initializers = new Map(graph.initializers);
  for (let i = 0; i <= graph.nodes.length; i++) {
    for (const call of calls)
      if (call.at === i) {
        const { graph: inner } = models.get(call.network)!;
        for (const [name, tensor] of inner.initializers) initializers.set(weightsOf(call.network) + name, tensor);
        nodes.push(...nodesOf(call, inner, weightsOf(call.network)));
      }
    if (i < graph.nodes.length) nodes.push(graph.nodes[i]);
  }
  const made = new Set(calls.flatMap(({ outputs }) => [...outputs.values()]));
  const inputs = graph.inputs.filter(({ name }) => !made.has(name));
  const opset = Math.max(18, ...[...models.values()].map(({ opsets }) => opsets.get("") ?? 18));
  return { graph: { ...graph, nodes, inputs, initializers }, opsets: new Map([["", opset]]), metadata: new Map() };
}

function nodesOf(call: Call, { nodes, initializers }: OnnxGraph, weights: string): OnnxNode[] {
  const renamed = (name: string): string => {
    if (name === "") return name;
    if (initializers.has(name)) return weights + name;
    return call.inputs.get(name) ?? `${call.name}/${name}`;
  };
  const inside = nodes.map((node) => ({ ...renameValues(node, renamed), name: `${call.name}/${node.name}` }));
  const ends = [...call.outputs].map(([name, value]) => identity(`${call.name}/${name} out`, renamed(name), value));
  return [...inside, ...ends];
}
