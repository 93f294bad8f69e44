/**
 * Puts the branch of an If in its place where the condition is known beforehand. PyTorch exports an If for every
 * squeeze of an axis whose length it does not know, and for arithmetic on sizes.
 */
import { type AttributeValue, isGraph, type OnnxGraph, type OnnxModel, type OnnxNode, type OnnxTensor } from "./ir.ts";
import { Inference } from "./shapes/index.ts";

export function inlineBranches(model: OnnxModel): OnnxModel {
  const { graph } = model;
  if (!graph.nodes.some(({ op }) => op === "If")) return model;
  const inference = new Inference({ ...graph, nodes: [] });
  const nodes: OnnxNode[] = [];
  const initializers = new Map(graph.initializers);
  const add = (node: OnnxNode): void => {
    const branch = takenBranch(node, inference);
    if (!branch) {
      nodes.push(node);
      inference.addNode(node);
      return;
    }
    const inlined = inline(branch, node);
    for (const [name, tensor] of inlined.initializers) {
      initializers.set(name, tensor);
      inference.addConstant(name, tensor);
    }
    inlined.nodes.forEach(add);
  };
  graph.nodes.forEach(add);
  return { ...model, graph: { ...graph, nodes, initializers } };
}

function takenBranch({ op, domain, inputs, attributes }: OnnxNode, inference: Inference): OnnxGraph | undefined {
  if (op !== "If" || domain !== "") return undefined;
  const condition = inference.facts(inputs[0])?.values?.[0];
  if (typeof condition !== "number") return undefined;
  const branch = attributes[condition === 0 ? "else_branch" : "then_branch"];
  return isGraph(branch) ? branch : undefined;
}

/** The branch's nodes under names of their own, ending in the outputs of the If. */
function inline(branch: OnnxGraph, node: OnnxNode): { nodes: OnnxNode[]; initializers: Map<string, OnnxTensor> } {
  const own = new Set([...branch.initializers.keys(), ...branch.nodes.flatMap(({ outputs }) => outputs)]);
  const rename = (name: string): string => (name !== "" && own.has(name) ? `${node.outputs[0]}/${name}` : name);
  const nodes = branch.nodes.map((inner) => renamed(inner, rename));
  const results = branch.outputs.map(
    ({ name }, index): OnnxNode => ({
      op: "Identity",
      domain: "",
      name: `${node.name}/result.${index}`,
      inputs: [rename(name)],
      outputs: [node.outputs[index]],
      attributes: {},
      floats: new Set(),
    }),
  );
  const initializers = new Map([...branch.initializers].map(([name, tensor]) => [rename(name), tensor]));
  return { nodes: [...nodes, ...results], initializers };
}

/** Inner graphs may use the branch's values too; names that they define themselves hide those outside. */
function renamed(node: OnnxNode, rename: (name: string) => string): OnnxNode {
  const attribute = (value: AttributeValue): AttributeValue => (isGraph(value) ? renamedGraph(value, rename) : value);
  return {
    ...node,
    inputs: node.inputs.map(rename),
    outputs: node.outputs.map(rename),
    attributes: Object.fromEntries(Object.entries(node.attributes).map(([key, value]) => [key, attribute(value)])),
  };
}

function renamedGraph(graph: OnnxGraph, outer: (name: string) => string): OnnxGraph {
  const own = new Set([
    ...graph.inputs.map(({ name }) => name),
    ...graph.initializers.keys(),
    ...graph.nodes.flatMap(({ outputs }) => outputs),
  ]);
  const rename = (name: string): string => (own.has(name) ? name : outer(name));
  return {
    ...graph,
    nodes: graph.nodes.map((node) => renamed(node, rename)),
    outputs: graph.outputs.map((output) => ({ ...output, name: rename(output.name) })),
  };
}
