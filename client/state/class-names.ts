/** Names of classes: what the network that a list of labels goes to calls them. */
import { type Graph, type GraphNode, straightened } from "../../graphs/document/index.ts";
import { nodeOf } from "../edit/graph.ts";
import type { State } from "./state.ts";
import { graphOf } from "./tabs.ts";

/** Of the classifier beside which the labels arrive, else of any model in the graph that names as many. */
export function classNamesFor(state: State, node: GraphNode): readonly string[] | undefined {
  if (node.type !== "guidegraph/class-labels") return undefined;
  return namesIn(state, graphOf(state), node);
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

/**
 * The classes under one picture file of a run, by name: `index` of the `count` files that the same node saved, each with as
 * many pictures. `labels` are the run's own; without them what its graph asks for. Undefined until anything is known.
 */
export function classesUnder(
  state: State,
  graph: Graph | undefined,
  { index, count }: { readonly index: number; readonly count: number },
  labels: readonly number[] | undefined,
): string | undefined {
  const node = graph?.nodes.find(({ type }) => type === "guidegraph/class-labels");
  if (!graph || (!node && !labels?.length)) return undefined;
  const names = namesIn(state, graph, node) ?? [];
  const each = labels && labels.length > 0 && labels.length % count === 0 ? labels.length / count : 0;
  if (each > 0) return namedClasses(labels!.slice(index * each, (index + 1) * each).join(), names);
  const wanted = String(node?.properties.classes ?? "");
  const list = wanted.split(/[\s,]+/).filter(Boolean);
  // A list repeats over what is saved; where each file holds a batch, all of it stands under each.
  return namedClasses(
    list.length > 0 && count > 1 && count % list.length === 0 ? list[index % list.length] : wanted,
    names,
  );
}

/** What the classifier beside which the labels arrive calls them, else any model of the graph. */
function namesIn({ models }: State, graph: Graph, labels: GraphNode | undefined): readonly string[] | undefined {
  const readers = straightened(graph).filter(({ from }) => from === labels?.id);
  const beside = readers.flatMap(({ to }) => sourceOf(graph, to, "classifier") ?? []);
  return [...beside, ...graph.nodes]
    .map(({ properties }) => models.find(({ id }) => id === properties.file)?.facts?.classNames)
    .find((names) => names !== undefined);
}
