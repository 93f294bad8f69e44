/** Graph Input and Graph Output: a name and a kind, which are a port of the node that holds their graph. */
import { structures } from "../../graphs/document/index.ts";
import type { Catalogue } from "../edit/catalogue.ts";
import type { HostNode } from "./host.ts";
import type { Field } from "./widgets.ts";

export function borderFields({ nodes }: Catalogue): Field[] {
  const kinds = nodes.flatMap(({ inputs, outputs, gives }) =>
    [...inputs, ...outputs, ...gives].map(({ kind }) => kind),
  );
  return [
    { name: "name", kind: "text", parameter: { default: "x" } },
    { name: "kind", kind: "text", parameter: { default: "tensor", choices: [...new Set(kinds)].sort() } },
  ];
}

/** After a new name: its title and the wire outside go with it. */
export function renamed(node: HostNode, before: string, usualTitle: string): void {
  const name = String(node.properties.name);
  if (node.title === before || node.title === usualTitle) node.title = name;
  const holder = node.graph?._subgraph_node;
  const slots = node.type === structures.input ? holder?.inputs : holder?.outputs;
  const slot = slots?.find((one) => one.name === before);
  if (slot && !slots?.some((one) => one.name === name)) slot.name = name;
}
