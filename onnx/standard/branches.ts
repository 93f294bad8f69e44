/**
 * Puts the branch of an If in its place where the condition is known beforehand. PyTorch exports an If for every
 * squeeze of an axis whose length it does not know, and for arithmetic on sizes.
 */
import { isGraph, type OnnxGraph, type OnnxModel, type OnnxNode, type OnnxTensor } from "../ir.ts";
import { identity } from "../rewrite/builder.ts";
import { renameValues } from "../rewrite/captures.ts";
import { Draft } from "../rewrite/draft.ts";

export function inlineBranches(model: OnnxModel): OnnxModel {
  const { graph } = model;
  if (!graph.nodes.some(({ op }) => op === "If")) return model;
  const draft = new Draft(graph, "branch");
  const add = (node: OnnxNode): void => {
    const branch = takenBranch(node, draft);
    if (!branch) {
      draft.push(node);
      return;
    }
    const { nodes, initializers } = inline(branch, node);
    for (const [name, tensor] of initializers) draft.op.weight(name, tensor);
    nodes.forEach(add);
  };
  graph.nodes.forEach(add);
  return { ...model, graph: draft.graph() };
}

function takenBranch({ op, domain, inputs, attributes }: OnnxNode, { facts }: Draft): OnnxGraph | undefined {
  if (op !== "If" || domain !== "") return undefined;
  const condition = facts(inputs[0])?.values?.[0];
  if (typeof condition !== "number") return undefined;
  const branch = attributes[condition === 0 ? "else_branch" : "then_branch"];
  return isGraph(branch) ? branch : undefined;
}

/** The branch's nodes under names of their own, ending in the outputs of the If. */
function inline(branch: OnnxGraph, node: OnnxNode): { nodes: OnnxNode[]; initializers: Map<string, OnnxTensor> } {
  const own = new Set([...branch.initializers.keys(), ...branch.nodes.flatMap(({ outputs }) => outputs)]);
  const rename = (name: string): string => (name !== "" && own.has(name) ? `${node.outputs[0]}/${name}` : name);
  const nodes = branch.nodes.map((inner) => renameValues(inner, rename));
  const results = branch.outputs.map(({ name }, index) =>
    identity(`${node.name}/result.${index}`, rename(name), node.outputs[index]),
  );
  const initializers = new Map([...branch.initializers].map(([name, tensor]) => [rename(name), tensor]));
  return { nodes: [...nodes, ...results], initializers };
}
