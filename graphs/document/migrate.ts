/**
 * Older layouts of the file, brought forward one format at a time before the schema sees them. What changes inside a
 * node (a slot renamed, a parameter's meaning) is not the format's business: definitions carry their own migrations.
 *
 * Format 0: litegraph's own structures (`graph/subgraph`, `graph/input`, `graph/output`, the kind of an input in
 * `properties.type`), and title and description directly in `extra`. A file without `extra.guidegraph` is read as
 * format 0; it changes nothing in a graph that has none of these.
 */
import { isObject, type Json } from "./kept.ts";
import { structures } from "./structures.ts";
import { DocumentError, own } from "./types.ts";

export const currentFormat = 1;

/** The document in the current format. `json` has passed `checkLimits` and nothing else; it is not changed. */
export function migrateFormat(json: unknown): unknown {
  if (!isObject(json)) return json;
  const extra = isObject(json.extra) ? json.extra : {};
  if (!Object.hasOwn(extra, "guidegraph")) return fromFormat0(json);
  const format = isObject(extra.guidegraph) ? extra.guidegraph.format : undefined;
  if (format === 0) return fromFormat0(json);
  if (typeof format === "number" && format > currentFormat)
    throw unreadable(`it has format ${format}, this version reads up to ${currentFormat}: use a newer GuideGraph`);
  return json;
}

const unreadable = (why: string) => new DocumentError([{ message: `Cannot read the graph: ${why}` }]);

const typesOfFormat0: Readonly<Record<string, string>> = {
  "graph/subgraph": structures.subgraph,
  "graph/input": structures.input,
  "graph/output": structures.output,
};

function fromFormat0(graph: Json): Json {
  const extra = isObject(graph.extra) ? graph.extra : {};
  const { title, description } = extra;
  const about = {
    ...(typeof title === "string" && { title }),
    ...(typeof description === "string" && { description }),
  };
  const nodes = Array.isArray(graph.nodes) ? graph.nodes.map(nodeFromFormat0) : graph.nodes;
  const isOurs = Object.keys(about).length > 0 || Object.hasOwn(extra, "guidegraph") || hasOldTypes(graph.nodes);
  // A graph of another program stays without our mark until something of ours stands in it.
  return { ...graph, nodes, ...(isOurs && { extra: { ...extra, guidegraph: { format: 1, ...about } } }) };
}

const hasOldTypes = (nodes: unknown): boolean =>
  Array.isArray(nodes) &&
  nodes.some((one) => isObject(one) && typeof one.type === "string" && own(typesOfFormat0, one.type) !== undefined);

function nodeFromFormat0(node: unknown): unknown {
  if (!isObject(node)) return node;
  const inner = isObject(node.subgraph) ? { subgraph: fromFormat0(node.subgraph) } : {};
  const type = typeof node.type === "string" ? own(typesOfFormat0, node.type) : undefined;
  if (type === undefined) return { ...node, ...inner };
  const { type: kind, ...properties } = isObject(node.properties) ? node.properties : {};
  return { ...node, ...inner, type, properties: kind === undefined ? properties : { ...properties, kind } };
}
