/** Names of classes: what the network that a list of labels goes to calls them. */
import { type Graph, type GraphNode, straightened } from "../../graphs/document/index.ts";
import { nodeOf } from "../edit/graph.ts";
import type { PicturePlace } from "../runs/gallery.ts";
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
  return named(classes.split(/[\s,]+/).filter(Boolean), names);
}

function named(labels: readonly string[], names: readonly string[]): string {
  const called = labels.map((label) => names[Number(label)] ?? label);
  if (called.length === 0) return "random";
  return called.length > 1 && new Set(called).size === 1 ? `${called[0]} × ${called.length}` : called.join(", ");
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
  const numbered = parts.map(numberOf);
  // Names without commas between them: each word is one.
  const isSplit = numbered.some((part, i) => part === parts[i].trim() && /\s/.test(part));
  return (
    isSplit
      ? text
          .split(/[\s,]+/)
          .filter(Boolean)
          .map(numberOf)
      : numbered
  ).join(",");
}

/**
 * The classes under one picture file of a run, by name. `labels` are the run's own; without them what its graph asks for. Undefined
 * where it is not certain which are under this file: `place` is undefined where not all files are known.
 */
export function classesUnder(
  state: State,
  graph: Graph | undefined,
  place: PicturePlace | undefined,
  labels: readonly number[] | undefined,
): string | undefined {
  if (!graph) return undefined;
  const node = labelsNode(graph);
  const names = namesIn(state, graph, node) ?? [];
  const { list, each } = asked(graph, node);
  const pictures = place && picturesIn(graph, place.path, each);
  if (place && pictures) {
    const [from, all] = [place.index * pictures, place.count * pictures];
    if (labels?.length === all) return named(labels.slice(from, from + pictures).map(String), names);
    // A list is repeated from batch to batch.
    if (!labels?.length && list?.length && each && all === each * place.batches)
      return named(
        Array.from({ length: pictures }, (_, i) => list[(from + i) % list.length]),
        names,
      );
  }
  if (!list) return undefined;
  return list.length === 0 || new Set(list).size === 1 ? named(list.slice(0, 1), names) : undefined;
}

/** The one whose labels are saved, else the only one. */
function labelsNode(graph: Graph): GraphNode | undefined {
  const all = graph.nodes.filter(({ type }) => type === "guidegraph/class-labels");
  const savers = graph.nodes.filter(({ type }) => type === "guidegraph/save-npz");
  const saved = savers.map(({ id }) => sourceOf(graph, id, "labels")).find((node) => node && all.includes(node));
  return saved ?? (all.length === 1 ? all[0] : undefined);
}

/** What is written there: the list, and how many labels a batch has. A wire may bring something else. */
function asked(
  graph: Graph,
  node: GraphNode | undefined,
): { readonly list?: readonly string[]; readonly each?: number } {
  if (!node || sourceOf(graph, node.id, "classes")) return {};
  const words = String(node.properties.classes ?? "").split(",");
  const list = words.map((word) => word.trim()).filter(Boolean);
  return sourceOf(graph, node.id, "count")
    ? { list }
    : { list, each: Number(node.properties.count ?? 0) || list.length || 1 };
}

/** How many pictures a file of this saver shows: those of a batch where a Grid lays them out. */
function picturesIn(graph: Graph, path: string, each: number | undefined): number | undefined {
  const source = sourceOf(graph, Number(path), "images");
  if (!source) return undefined;
  return source.type === "guidegraph/grid" ? each : 1;
}

/** What the classifier beside which the labels arrive calls them, else any model of the graph. */
function namesIn({ models }: State, graph: Graph, labels: GraphNode | undefined): readonly string[] | undefined {
  const readers = straightened(graph).filter(({ from }) => from === labels?.id);
  const beside = readers.flatMap(({ to }) => sourceOf(graph, to, "classifier") ?? []);
  return [...beside, ...graph.nodes]
    .map(({ properties }) => models.find(({ id }) => id === properties.file)?.facts?.classNames)
    .find((names) => names !== undefined);
}
