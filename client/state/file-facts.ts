/** One line about a file, as the node opens it: "32 × 32 · 10 classes · x₀, learned σ". */
import type { GraphNode } from "../../graphs/document/index.ts";
import type { NetworkFacts } from "../../nodes/handles.ts";
import { nodeOf } from "../edit/graph.ts";
import { graphAt, type Level } from "../edit/level.ts";
import type { State } from "./state.ts";
import type { Known, Tab } from "./tab.ts";

/** Of a node on the level one looks at. */
export function fileFacts(state: State, tab: Tab | undefined, node: GraphNode): string | undefined {
  const { models, images, tensors } = state;
  const { file } = node.properties;
  const model = models.find(({ id }) => id === file);
  if (!model)
    return [...images, ...tensors].some(({ id }) => id === file) || models.length === 0
      ? undefined
      : `${file} is not on the server`;
  const path = [...(tab?.level ?? []), node.id].join("/");
  const problem = tab?.known?.problems.find(
    (one) => one.node === path && one.port !== undefined && Object.hasOwn(node.properties, one.port),
  );
  if (problem) return problem.message;
  const facts = networkFacts(state, tab?.known, tab?.level ?? [], node);
  // What the list says of a file holds for a node that says nothing else of it.
  if (!facts) return isOpenedAsIs(node) ? model.problem : undefined;
  const { height, width, classes, predicts, learnSigma, outputs, fit } = facts;
  const parts = [
    height && width && `${height} × ${width}`,
    classes && `${classes} classes`,
    model.role !== "classifier" && predicts && `${predicts === "x0" ? "x₀" : "ε"}${learnSigma ? ", learned σ" : ""}`,
    outputs && `answers with ${outputs.map(({ name }) => name).join(", ")}`,
    fit,
  ];
  return parts.filter(Boolean).join(" · ") || undefined;
}

/** What is known of the network that a node opens: by the last survey of it with this file, else by the list of files. */
export function networkFacts(
  { models }: State,
  known: Known | undefined,
  level: Level,
  node: GraphNode,
): NetworkFacts | undefined {
  const { file } = node.properties;
  const model = models.find(({ id }) => id === file);
  if (!model) return undefined;
  const surveyed = known && nodeOf(graphAt(known.document, level) ?? known.document, node.id);
  const facts =
    surveyed?.type === node.type && surveyed.properties.file === file
      ? node.outputs.map(({ name }) => known?.facts.get(`${[...level, node.id].join("/")} ${name}`))
      : [];
  const found = facts.find((one) => one !== undefined && Object.keys(one).length > 0);
  return (found as NetworkFacts | undefined) ?? (isOpenedAsIs(node) ? model.facts : undefined);
}

/** Nothing goes beside the file that could make it another network. */
const isOpenedAsIs = ({ inputs, properties }: GraphNode): boolean =>
  inputs.length === 0 &&
  Object.entries(properties).every(
    ([name, value]) => ["file", "sha256"].includes(name) || ["", "auto"].includes(`${value}`),
  );
