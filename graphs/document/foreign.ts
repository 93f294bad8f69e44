/** What is no graph of litegraph, by what it is: files of other programs, and JSON of any kind. In words a person understands. */
import { isObject } from "./kept.ts";
import type { GraphDocument } from "./types.ts";

/** Why parsed JSON is no graph; undefined where it looks like one. It has passed `checkLimits`. */
export function noGraph(json: unknown): string | undefined {
  if (!isObject(json))
    return `it is ${Array.isArray(json) ? "a list" : json === null ? "null" : `a ${typeof json}`}, and a graph is an object with a list of nodes`;
  const steps = isObject(json.prompt) ? stepsOf(json.prompt) : stepsOf(json);
  if (steps.length > 0)
    return `it is a ComfyUI prompt in API format (${steps.length} ${steps.length === 1 ? "node" : "nodes"}: ${listed(steps)}), which ComfyUI runs and GuideGraph does not`;
  if (Object.hasOwn(json, "nodes")) return undefined;
  const keys = Object.keys(json);
  const has = keys.length === 0 ? "this is empty" : `this has ${listed(keys)}`;
  return `it is JSON, but no graph: a graph has a list of nodes, and ${has}`;
}

/** Steps of an API prompt: an object by ids, each with its class. */
function stepsOf(json: Readonly<Record<string, unknown>>): string[] {
  const steps = Object.values(json);
  const classes = steps.flatMap((step) =>
    isObject(step) && typeof step.class_type === "string" ? [step.class_type] : [],
  );
  return classes.length === steps.length ? classes : [];
}

/** At most four of them, each once. */
function listed(names: readonly string[]): string {
  const own = [...new Set(names)];
  const shown = own.slice(0, 4).map((name) => (name.length > 40 ? `${name.slice(0, 40)}…` : name));
  return `${shown.join(", ")}${own.length > 4 ? ` and ${own.length - 4} more` : ""}`;
}

/** The program that a graph of strangers was made for. */
export function foreignName({ nodes, kept }: GraphDocument): string | undefined {
  const isComfy =
    kept?.definitions !== undefined ||
    nodes.some(({ type, properties }) => Object.hasOwn(properties, "Node name for S&R") || type === "KSampler");
  return isComfy ? "ComfyUI" : undefined;
}

/** Text chunks of pictures that other programs write, and what to say of one. */
const pictures: Readonly<Record<string, string>> = {
  workflow: "it was made by ComfyUI, whose nodes GuideGraph does not have",
  prompt: "it was made by ComfyUI, whose nodes GuideGraph does not have",
  parameters: "it was made by a Stable Diffusion web UI and holds its settings, no graph",
};
export const foreignKeywords: readonly string[] = Object.keys(pictures);

/** Why a picture without a graph of ours has none, by the keywords of its texts. */
export const noGraphInPicture = (keywords: readonly string[]): string =>
  keywords.map((keyword) => (Object.hasOwn(pictures, keyword) ? pictures[keyword] : undefined)).find(Boolean) ??
  "it carries no graph. Pictures saved by Save PNG do";
