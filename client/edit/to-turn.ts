/** The parameters that one turns first, of one level: those that everybody turns, and those to which the graph's author gave a name. */
import { type Graph, type GraphNode, holdsGraph, own, portsOf } from "../../graphs/document/index.ts";
import type { Catalogue } from "./catalogue.ts";
import { type ShownParameter, typedOf } from "./parameters.ts";

export interface Turned {
  readonly node: GraphNode;
  readonly row: ShownParameter;
  /** It is all that the node is, which is called by it. */
  readonly isWhole: boolean;
}

const everybodys: ReadonlySet<string> = new Set(["seed", "scale", "classes", "timestep_respacing", "eta"]);

export function parametersToTurn(graph: Graph, catalogue: Catalogue): Turned[] {
  return graph.nodes.flatMap((node) => {
    const isWhole = isValue(node, catalogue);
    const isNamed = namedInside(node, catalogue);
    const rows = typedOf(graph, node, portsOf(node, catalogue.definitions)?.inputs ?? {});
    return rows
      .filter(({ name, value }) => isWhole || isNamed(name) || (everybodys.has(name) && value !== ""))
      .filter(({ name }) => !isUnused(node, name))
      .map((row) => ({ node, row, isWhole }));
  });
}

/** A node that gives what is typed on it and nothing else, as Number and Text do. */
function isValue({ type }: GraphNode, { definitions }: Catalogue): boolean {
  const { inputs = {}, outputs = {} } = own(definitions, type) ?? {};
  const [[port, ...more], [output, ...others]] = [Object.values(inputs), Object.values(outputs)];
  return port?.parameter !== undefined && port.kind === output?.kind && more.length + others.length === 0;
}

/** Of a node that holds a graph: the inputs of that graph. Those of the node itself are the same on every one. */
function namedInside(node: GraphNode, { definitions }: Catalogue): (name: string) => boolean {
  const { inputs = {} } = own(definitions, node.type) ?? {};
  return (name) => holdsGraph(node) && own(inputs, name) === undefined;
}

/** Labels that are typed are not drawn. */
const isUnused = ({ type, properties }: GraphNode, name: string): boolean =>
  name === "seed" && type === "guidegraph/class-labels" && (own(properties, "classes") ?? "") !== "";
