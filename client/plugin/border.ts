/** Graph Input and Graph Output: a name and a kind, which are a port of the node that holds their graph. */
import { freeName, own, structures } from "../../graphs/document/index.ts";
import { kindList } from "../../nodes/kinds.ts";
import type { HostGraph, HostNode } from "./host.ts";
import type { Field } from "./widgets.ts";

export const borderFields: readonly Field[] = [
  { name: "name", kind: "text", parameter: { default: "x" } },
  { name: "kind", kind: "text", parameter: { default: "tensor", choices: [...kindList].sort() } },
];

/**
 * After a new name: its title goes with it, and the wire or the value outside, and what a Differentiate chose by it, unless
 * another port has the old one still.
 */
export function renamed(node: HostNode, before: string, usualTitle: string): void {
  const name = String(node.properties.name);
  if (node.title === before || node.title === usualTitle) node.title = name;
  if (!node.graph || isTaken(node, node.graph, before)) return;
  const holder = node.graph._subgraph_node;
  const slots = node.type === structures.input ? holder?.inputs : holder?.outputs;
  const slot = slots?.find((one) => one.name === before);
  if (slot && !slots?.some((one) => one.name === name)) slot.name = name;
  const end = node.type === structures.input ? "by" : "of";
  if (holder?.type === structures.differentiate && holder.properties[end] === before) holder.properties[end] = name;
  if (!holder || own(holder.properties, before) === undefined) return;
  holder.properties[name] = holder.properties[before];
  delete holder.properties[before];
}

/** Its name, unless another port of its graph has it: then x_2, x_3 … */
export const freeNameOf = (node: HostNode, graph: HostGraph): string =>
  freeName(String(node.properties.name), (name) => isTaken(node, graph, name));

const isTaken = (node: HostNode, { _nodes }: HostGraph, name: string): boolean =>
  _nodes.some((other) => other !== node && other.type === node.type && other.properties.name === name);
