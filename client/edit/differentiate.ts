/** What a new Differentiate holds, and how it follows the names of what is in it. */
import {
  borderName,
  documentBuilder,
  type Graph,
  type GraphNode,
  own,
  structures,
} from "../../graphs/document/index.ts";
import type { Catalogue } from "./catalogue.ts";

const hint =
  "Between “x” and “loss”, wire what you want less or more of: Predict, Mean & Variance, a network, a loss. " +
  "The node around this graph gives the gradient of “loss” by “x”, and every other output beside it. " +
  "This one is the length of x, whose gradient points along x.";

export function differentiateStart({ definitions }: Catalogue): Graph {
  const inner = documentBuilder(definitions);
  const tensor = inner.input("x", "tensor");
  inner.output("loss", "tensor", inner.add("guidegraph/reduce", { tensor, by: "norm" }).out("tensor"));
  inner.add("guidegraph/note", { text: hint });
  return inner.graph();
}

/** What a Differentiate makes of the graph inside it, said to whoever looks at that; undefined of any other node. */
export function gradientWords({ type, properties }: GraphNode): string | undefined {
  if (type !== structures.differentiate) return undefined;
  const [of, by] = ["of", "by"].map((end) => String(own(properties, end) ?? ""));
  return of === "" || by === ""
    ? "This graph is differentiated: which output of it, and by which input, is chosen on the node around it."
    : `The node around this graph gives the gradient of “${of}” by “${by}”, and every output of it.`;
}

/** A Differentiate whose graph was `before`: where what it is of, or by, has another name, that is its name now. */
export function withEndsFollowed(node: GraphNode, before: Graph): GraphNode {
  if (node.type !== structures.differentiate || !node.inner) return node;
  const after = new Map(node.inner.nodes.map((one) => [one.id, one]));
  const renamed = Object.entries({ of: structures.output, by: structures.input }).flatMap(([port, type]) => {
    const end = before.nodes.find((one) => one.type === type && borderName(one) === own(node.properties, port));
    const now = end && after.get(end.id);
    return now && borderName(now) !== borderName(end) ? [[port, borderName(now)] as const] : [];
  });
  return renamed.length === 0 ? node : { ...node, properties: { ...node.properties, ...Object.fromEntries(renamed) } };
}
