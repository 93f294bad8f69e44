/** Operators of our own, which say something to the walk of a gradient, are what they do to values before a runtime sees them. */
import type { OnnxModel, OnnxNode } from "./ir.ts";
import { ownDomain } from "./operators.ts";

const isOwn = ({ domain }: OnnxNode): boolean => domain === ownDomain;

/** The model in operators that runtimes have: none of ours does anything to a value. */
export function withoutOwn<M extends OnnxModel>(model: M): M | OnnxModel {
  const { nodes } = model.graph;
  if (!nodes.some(isOwn)) return model;
  const passing = (node: OnnxNode): OnnxNode => (isOwn(node) ? { ...node, op: "Identity", domain: "" } : node);
  return {
    ...{ graph: { ...model.graph, nodes: nodes.map(passing) }, metadata: model.metadata },
    opsets: new Map([...model.opsets].filter(([domain]) => domain !== ownDomain)),
  };
}
