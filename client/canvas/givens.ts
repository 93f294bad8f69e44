/** What lies round the nodes of a graph, as far as their cards show it. */
import {
  type Graph,
  type GraphNode,
  graphSlot,
  groupBy,
  own,
  type PortShape,
  portsOf,
  realSource,
  structures,
} from "../../graphs/document/index.ts";
import type { Catalogue } from "../edit/catalogue.ts";
import { missingInputs } from "../edit/fit.ts";

/** Where words for cards are looked up that no document holds. */
export interface Lookups {
  readonly catalogue: Catalogue;
  /** A line on the file of a node, as that opens it. */
  readonly fileFacts: (node: GraphNode) => string | undefined;
  /** Outputs of a node whose values are to be seen while its loop runs. */
  readonly watched: (id: number) => string | undefined;
  /** Whether a seed is new after each run. */
  readonly renews: (id: number, name: string) => boolean;
  /** A list of labels in words, where the classes have names. */
  readonly classes: (node: GraphNode) => string | undefined;
  /** Where the graph inside a node came from, and how it stands to that. */
  readonly origin: (graph: Graph) => string | undefined;
}

/** All that a card shows beside what its node holds: where both are what they were, so is the card. */
export interface Givens {
  readonly catalogue: Catalogue;
  readonly wiredInputs: readonly string[];
  readonly wiredOutputs: readonly string[];
  /** Inputs that are required, and nothing feeds them. */
  readonly missing: readonly string[];
  /** What passes through a reroute. */
  readonly meaning: string | undefined;
  readonly caption: string | undefined;
  readonly isWatched: boolean;
  readonly classes: string | undefined;
  /** Seeds that are new after each run. */
  readonly renewed: readonly string[];
}

export function givensOf(graph: Graph, lookups: Lookups): (node: GraphNode) => Givens {
  const { catalogue, watched, classes, renews } = lookups;
  const entering = groupBy(graph.links, ({ to }) => to);
  const leaving = groupBy(graph.links, ({ from }) => from);
  return (node) => ({
    catalogue,
    wiredInputs: (entering.get(node.id) ?? []).map(({ input }) => input),
    wiredOutputs: (leaving.get(node.id) ?? []).map(({ output }) => output),
    missing: missingInputs(graph, node, catalogue),
    meaning: node.type === structures.reroute ? passing(node, graph, catalogue) : undefined,
    caption: captionOf(node, lookups),
    isWatched: watched(node.id) !== undefined,
    classes: classes(node),
    renewed: Object.keys(node.properties).filter((name) => renews(node.id, name)),
  });
}

export const areSameGivens = (one: Givens, other: Givens): boolean =>
  (Object.keys(one) as (keyof Givens)[]).every((key) => isSame(one[key], other[key]));

const isSame = (one: unknown, other: unknown): boolean =>
  Array.isArray(one) && Array.isArray(other)
    ? one.length === other.length && one.every((value, i) => value === other[i])
    : one === other;

/** What passes through a reroute is what its real source says it gives. */
function passing({ id }: GraphNode, graph: Graph, { definitions }: Catalogue): string | undefined {
  const source = realSource(graph, { node: id, slot: graphSlot });
  const giver = source && graph.nodes.find((node) => node.id === source.node);
  const outputs: Readonly<Record<string, PortShape & { readonly meaning?: string }>> | undefined =
    giver && portsOf(giver, definitions)?.outputs;
  return source && own(outputs, source.slot)?.meaning;
}

/** As long as numbers are, which come in its place. */
const noNumbers = "no numbers before the last batch is in";

function captionOf(node: GraphNode, { fileFacts, origin, catalogue }: Lookups): string | undefined {
  if (catalogue.byType.get(node.type)?.measures) return noNumbers;
  const file = own(node.properties, "file");
  if (typeof file === "string" && file !== "") return fileFacts(node);
  if (node.type === "guidegraph/save-png") return "PNG carries this graph";
  return node.inner && origin(node.inner);
}
