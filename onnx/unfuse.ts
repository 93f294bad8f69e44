/**
 * onnxruntime's own operators that our lowerings write, in standard ones again, so that a model that was converted for
 * speed can be differentiated, and its gradient lowered for another provider.
 */

import type { OnnxModel, OnnxNode } from "./ir.ts";
import { type GraphBuilder, graphBuilder, type Value } from "./rewrite/builder.ts";
import { freshPrefix } from "./rewrite/names.ts";
import { Inference } from "./shapes/index.ts";

const isFused = ({ op, domain }: OnnxNode): boolean => op === "FusedMatMul" && domain === "com.microsoft";

/**
 * FusedMatMul (alpha · A · B, either transposed as its attributes say) becomes Transpose, MatMul and Mul. Throws a
 * RangeError where the rank of what is transposed is not known.
 */
export function unfuse(model: OnnxModel): OnnxModel {
  const { graph } = model;
  if (!graph.nodes.some(isFused)) return model;
  const inference = new Inference({ ...graph, nodes: [] });
  const op = graphBuilder(freshPrefix(graph, "unfused"));
  const rankOf = (value: Value, { name }: OnnxNode): number => {
    const rank = inference.facts(value)?.dims?.length;
    if (rank === undefined)
      throw new RangeError(`Cannot read FusedMatMul in node "${name}": the rank of "${value}" is not known`);
    return rank;
  };
  const nodes: OnnxNode[] = [];
  let constants = 0;
  for (const node of graph.nodes) {
    const made = isFused(node) ? standard(op, node, (value) => rankOf(value, node)) : [node];
    for (const [name, tensor] of [...op.initializers].slice(constants)) inference.addConstant(name, tensor);
    constants = op.initializers.size;
    for (const one of made) inference.addNode(one);
    nodes.push(...made);
  }
  return { ...model, graph: { ...graph, nodes, initializers: new Map([...graph.initializers, ...op.initializers]) } };
}

function standard(op: GraphBuilder, node: OnnxNode, rankOf: (value: Value) => number): readonly OnnxNode[] {
  const before = op.nodes.length;
  const { transA = 0, transB = 0, alpha = 1 } = node.attributes;
  op.within(node.name, () => {
    const flip = (value: Value, transposed: unknown): Value =>
      transposed ? op.Transpose(value, { perm: lastTwoSwapped(rankOf(value)) }) : value;
    const product = op.MatMul(flip(node.inputs[0], transA), flip(node.inputs[1], transB));
    if (alpha !== 1) op.Mul(product, Number(alpha));
  });
  const added = op.nodes.slice(before);
  return [...added.slice(0, -1), { ...added[added.length - 1], outputs: node.outputs }];
}

const lastTwoSwapped = (rank: number): number[] =>
  Array.from({ length: rank }, (_, axis) => (axis < rank - 2 ? axis : 2 * rank - 3 - axis));
