/** Names of classes: what the network that a list of labels goes to calls them. */
import { gridSides } from "../../diffusion/arrange.ts";
import type { Graph, GraphNode } from "../../graphs/document/index.ts";
import { feederOf, readersOf, type Spot, spotAt, spotsIn } from "../edit/trace.ts";
import type { PicturePlace } from "../runs/gallery.ts";
import { networkFacts } from "./file-facts.ts";
import type { State } from "./state.ts";
import { documentOf, type Known } from "./tab.ts";
import { activeTab } from "./tabs.ts";

const labelsType = "guidegraph/class-labels";

/** Of the classifier beside which the labels arrive, else of any model in the graph that names as many. */
export function classNamesFor(state: State, node: GraphNode): readonly string[] | undefined {
  const tab = activeTab(state);
  if (node.type !== labelsType || !tab) return undefined;
  return namesIn(state, documentOf(tab), { level: tab.level, node }, tab.known);
}

/** "star × 16", "circle, square, star"; numbers that are no class stay numbers. */
export function namedClasses(classes: string, names: readonly string[]): string {
  const labels = classes.split(/[\s,]+/).filter(Boolean);
  return listed(labels.map((label) => names[Number(label)] ?? label));
}

/** The same of names. */
export function listed(names: readonly string[]): string {
  if (names.length === 0) return "random";
  return names.length > 1 && new Set(names).size === 1 ? `${names[0]} × ${names.length}` : names.join(", ");
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

/** The classes under a picture file, one a picture; a single one where all are of it, however many there are. */
export interface ClassesUnder {
  readonly names: readonly string[];
  /** How a Grid laid the pictures out; absent where there is none, or a wire says it. */
  readonly sheet?: { readonly columns: number; readonly gap: number };
}

/**
 * The classes under one picture file of a run, by name. `labels` are the run's own; without them what its graph asks for. Undefined
 * where it is not certain which are under this file: `place` is undefined where not all files are known.
 */
export function classesUnder(
  state: State,
  document: Graph | undefined,
  place: PicturePlace | undefined,
  labels: readonly number[] | undefined,
): ClassesUnder | undefined {
  if (!document) return undefined;
  const spot = labelsSpot(document);
  const names = namesIn(state, document, spot) ?? [];
  const called = (labels: readonly string[]) => labels.map((label) => names[Number(label)] ?? label);
  const { list, each } = asked(spot);
  const feeder = place && pictureFeeder(document, place.path);
  const isSheet = feeder?.node.type === "guidegraph/grid";
  const pictures = feeder && (isSheet ? each : 1);
  if (place && pictures) {
    const [from, all] = [place.index * pictures, place.count * pictures];
    const sheet = isSheet ? sheetOf(feeder, pictures) : undefined;
    const under = (names: readonly string[]) => ({ names, ...(sheet && { sheet }) });
    if (labels?.length === all) return under(called(labels.slice(from, from + pictures).map(String)));
    // A list is repeated from batch to batch.
    if (!labels?.length && list?.length && each && all === each * place.batches)
      return under(called(Array.from({ length: pictures }, (_, i) => list[(from + i) % list.length])));
  }
  if (list?.length === 0) return { names: ["random"] };
  return list && new Set(list).size === 1 ? { names: called(list.slice(0, 1)) } : undefined;
}

/** The Class Labels whose labels are saved, else the only one; at any depth. */
function labelsSpot(document: Graph): Spot | undefined {
  const all = spotsIn(document);
  const isLabels = ({ node }: Spot) => node.type === labelsType;
  const savers = all.filter(({ node }) => node.type === "guidegraph/save-npz");
  const saved = savers.flatMap((saver) => feederOf(document, saver, "labels") ?? []).find(isLabels);
  const some = all.filter(isLabels);
  return saved ?? (some.length === 1 ? some[0] : undefined);
}

/** What is written there: the list, and how many labels a batch has. A wire may bring something else. */
function asked(spot: Spot | undefined): { readonly list?: readonly string[]; readonly each?: number } {
  if (!spot || isWired(spot, "classes")) return {};
  const { properties } = spot.node;
  const words = String(properties.classes ?? "").split(",");
  const list = words.map((word) => word.trim()).filter(Boolean);
  return isWired(spot, "count") ? { list } : { list, each: Number(properties.count ?? 0) || list.length || 1 };
}

/** A parameter that is a slot: what stands in the node is not what it gets. */
const isWired = ({ node }: Spot, name: string): boolean => node.inputs.some((slot) => slot.name === name);

/** What gives the pictures that a node saves. */
function pictureFeeder(document: Graph, path: string): Spot | undefined {
  const saver = spotAt(document, path);
  return saver && feederOf(document, saver, "images");
}

/** How a Grid lays so many pictures out. */
function sheetOf(spot: Spot, pictures: number): ClassesUnder["sheet"] {
  if (isWired(spot, "columns") || isWired(spot, "gap")) return undefined;
  const { columns = 0, gap = 2 } = spot.node.properties;
  return { columns: gridSides([pictures, 1, 1], Number(columns), 0).across, gap: Number(gap) };
}

/** What the classifier beside which the labels arrive calls them, else any model of the document. */
function namesIn(
  state: State,
  document: Graph,
  labels: Spot | undefined,
  known?: Known,
): readonly string[] | undefined {
  const readers = labels ? readersOf(document, labels) : [];
  const beside = readers.flatMap((reader) => feederOf(document, reader, "classifier") ?? []);
  return [...beside, ...spotsIn(document)]
    .map(({ level, node }) => {
      const listed = state.models.find(({ id }) => id === node.properties.file)?.facts;
      return (networkFacts(state, known, level, node) ?? listed)?.classNames;
    })
    .find((names) => names !== undefined);
}
