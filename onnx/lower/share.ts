/** Computes equal things once: nodes of the same operator, inputs and attributes are one node. */
import { isGraph, isTensor, type OnnxGraph, type OnnxModel, type OnnxNode } from "../ir.ts";
import { renameUses, withInnerGraphs } from "../rewrite/captures.ts";

export const shareEqual = (model: OnnxModel): OnnxModel => ({ ...model, graph: sharedIn(model.graph) });

/** Of an inner graph what it computes itself: it may not be asked at all. */
function sharedIn(graph: OnnxGraph): OnnxGraph {
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const known = new Map<string, OnnxNode>();
  const source = new Map<string, string>();
  const nodes: OnnxNode[] = [];
  for (const original of graph.nodes) {
    const node = withInnerGraphs(
      renameUses(original, (name) => source.get(name) ?? name),
      sharedIn,
    );
    const key = keyOf(node);
    const twin = key === undefined ? undefined : known.get(key);
    if (twin && !node.outputs.some((name) => outputs.has(name)))
      node.outputs.forEach((name, index) => {
        source.set(name, twin.outputs[index]);
      });
    else {
      nodes.push(node);
      if (key !== undefined) known.set(key, node);
    }
  }
  return { ...graph, nodes };
}

/** Undefined for nodes that are not functions of their inputs, or whose attributes are too large to compare. */
function keyOf({ op, domain, inputs, outputs, attributes }: OnnxNode): string | undefined {
  if (/^Random|^Multinomial|^Bernoulli|^Dropout/.test(op)) return undefined;
  const entries = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.some(([, value]) => isGraph(value))) return undefined;
  const values = entries.map(([key, value]) =>
    isTensor(value) ? `${key}: ${value.type} ${value.dims} ${value.data}` : `${key}: ${value}`,
  );
  const used = outputs.map((name) => (name === "" ? "-" : "+")).join("");
  return [domain, op, used, ...inputs, ...values].join("\n");
}
