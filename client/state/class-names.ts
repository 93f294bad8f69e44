/** Names of classes: what the network that a list of labels goes to calls them. */
import { type Graph, type GraphNode, straightened } from "../../graphs/document/index.ts";
import { nodeOf } from "../edit/graph.ts";
import type { State } from "./state.ts";
import { graphOf } from "./tabs.ts";

/** Of the classifier beside which the labels arrive, else of any model in the graph that names as many. */
export function classNamesFor(state: State, node: GraphNode): readonly string[] | undefined {
  if (node.type !== "guidegraph/class-labels") return undefined;
  const graph = graphOf(state);
  const readers = straightened(graph)
    .filter(({ from }) => from === node.id)
    .map(({ to }) => to);
  const beside = readers.flatMap((reader) => sourceOf(graph, reader, "classifier") ?? []);
  const all = [...beside, ...graph.nodes];
  return all
    .map(({ properties }) => state.models.find(({ id }) => id === properties.file)?.facts?.classNames)
    .find((names) => names !== undefined);
}

function sourceOf(graph: Graph, node: number, input: string): GraphNode | undefined {
  const link = straightened(graph).find((one) => one.to === node && one.input === input);
  return link && nodeOf(graph, link.from);
}

/** "star × 16", "circle, square, star"; numbers that are no class stay numbers. */
export function namedClasses(classes: string, names: readonly string[]): string {
  const labels = classes.split(/[\s,]+/).filter(Boolean);
  const named = labels.map((label) => names[Number(label)] ?? label);
  if (named.length === 0) return "random";
  return named.length > 1 && new Set(named).size === 1 ? `${named[0]} × ${named.length}` : named.join(", ");
}

/** The same as the labels that a graph holds: names become numbers, whatever their case; what is no name stays. */
export function numberedClasses(text: string, names: readonly string[]): string {
  const numberOf = (word: string): string => {
    const wanted = word.trim().toLowerCase();
    const [times] = /\s*[×x*]\s*\d+$/.exec(wanted) ?? [];
    const name = times === undefined ? wanted : wanted.slice(0, -times.length);
    const exact = names.findIndex((one) => one.toLowerCase() === name);
    const alike = names.flatMap((one, i) => (name !== "" && one.toLowerCase().startsWith(name) ? [i] : []));
    const found = exact >= 0 ? exact : alike.length === 1 && !/^\d+$/.test(name) ? alike[0] : undefined;
    if (found === undefined) return word.trim();
    const count = times === undefined ? 1 : Math.min(1_000, Number(times.replace(/\D/g, "")));
    return Array.from({ length: count }, () => found).join(",");
  };
  const parts = text.split(",");
  const named = parts.map(numberOf);
  // Names without commas between them: each word is one.
  const isSplit = named.some((part, i) => part === parts[i].trim() && /\s/.test(part));
  return (
    isSplit
      ? text
          .split(/[\s,]+/)
          .filter(Boolean)
          .map(numberOf)
      : named
  ).join(",");
}

/** What the labels of a run's graph are called: of the first list of labels in it; undefined until the graph is known. */
export function classesOfRun(state: State, graph: Graph | undefined): string | undefined {
  const node = graph?.nodes.find(({ type }) => type === "guidegraph/class-labels");
  if (!graph || !node) return undefined;
  const classes = String(node.properties.classes ?? "");
  const named = graph.nodes.flatMap(({ properties }) => {
    const names = state.models.find(({ id }) => id === properties.file)?.facts?.classNames;
    return names ? [names] : [];
  });
  return named[0] ? namedClasses(classes, named[0]) : classes;
}
