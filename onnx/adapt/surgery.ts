/**
 * A graph with other ends: operators in front of its inputs and behind its outputs. They are ordinary operators, so a
 * gradient goes through them.
 */
import type { Dim, OnnxModel, OnnxNode, ValueInfo } from "../ir.ts";
import type { GraphBuilder, Value } from "../rewrite/builder.ts";
import { renameUses } from "../rewrite/captures.ts";
import { Draft } from "../rewrite/draft.ts";
import { StandardModel } from "../standard/standard.ts";

type Adapter = (op: GraphBuilder, value: Value) => Value;

export interface Ends {
  /** By name: the input as it is from now on, and what the graph is given of it. */
  readonly inputs: ReadonlyMap<string, { readonly dims: readonly Dim[] | undefined; readonly adapt: Adapter }>;
  /** By name: the output's shape from now on, and what is made of the graph's. */
  readonly outputs: ReadonlyMap<string, { readonly dims: readonly Dim[] | undefined; readonly adapt: Adapter }>;
  /** Nodes that only pass their first input on from now on, by the name of their first output. */
  readonly passed: ReadonlySet<string>;
}

/** Adapted inputs and outputs are float32 and keep their names. */
export function withEnds(model: OnnxModel, { inputs, outputs, passed }: Ends): OnnxModel {
  const { graph, opsets, metadata } = StandardModel.of(model);
  const asFloats = (info: ValueInfo): ValueInfo => {
    const dims = inputs.get(info.name)?.dims;
    return inputs.has(info.name) ? { name: info.name, type: "float32", ...(dims && { dims }) } : info;
  };
  const begun = { ...graph, inputs: graph.inputs.map(asFloats) };
  const draft = new Draft(begun, "adapt");
  const sources = new Map([...inputs].map(([name, { adapt }]) => [name, adapt(draft.op, name)]));
  // An adapted output's name goes to what is made of it, so the graph's own value has another one.
  const inner = (name: string): string => (outputs.has(name) ? `${name}/as exported` : name);
  for (const node of graph.nodes) {
    const used = renameUses(node, (name) => inner(sources.get(name) ?? name));
    const made: OnnxNode = { ...used, outputs: used.outputs.map(inner) };
    const [source] = made.inputs;
    const isPassed = passed.has(node.outputs[0]);
    draft.push(isPassed ? { ...made, op: "Identity", inputs: [source], attributes: {} } : made);
  }
  const results = graph.outputs.map((info): ValueInfo => {
    const end = outputs.get(info.name);
    if (!end) return info;
    const { name } = info;
    draft.op.output(name, end.adapt(draft.op, inner(name)), "float32");
    return { name, type: "float32", ...(end.dims && { dims: end.dims }) };
  });
  return { graph: draft.graph(results), opsets, metadata };
}
