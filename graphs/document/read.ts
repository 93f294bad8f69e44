import type { core } from "zod";
import { checkLimits, limits } from "./limits.ts";
import { resolveLinks } from "./links.ts";
import { migrateFormat } from "./migrate.ts";
import { type SerialisedGraph, type SerialisedNode, graph as schema } from "./schema.ts";
import {
  type About,
  DocumentError,
  type Graph,
  type GraphDocument,
  type GraphNode,
  type Look,
  type Problem,
  pathOf,
} from "./types.ts";

const maxProblems = 50;

/**
 * Reads a graph from its JSON, given as text or parsed. The data is not trusted: its size is checked first, then its
 * shape, and everything returned is newly built from the keys we know. Node types we do not know are kept.
 *
 * Throws a DocumentError with every problem found (at most 50), each with node and port where it has one.
 */
export function readDocument(json: unknown): GraphDocument {
  const data = typeof json === "string" ? parse(json) : json;
  checkLimits(data);
  const current = migrateFormat(data);
  const read = schema.safeParse(current);
  if (!read.success) throw new DocumentError(read.error.issues.slice(0, maxProblems).map((i) => located(i, current)));
  const problems: Problem[] = [];
  const document = buildGraph(read.data, "", problems);
  if (problems.length > 0) throw new DocumentError(problems.slice(0, maxProblems));
  return document;
}

function parse(text: string): unknown {
  if (text.length > limits.text)
    throw new DocumentError([
      { message: `Cannot read the graph: its text has ${text.length} characters, the limit is ${limits.text}` },
    ]);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new DocumentError([{ message: `Cannot read the graph: it is not JSON: ${(error as Error).message}` }]);
  }
}

function buildGraph(data: SerialisedGraph, outer: string, problems: Problem[]): Graph {
  const ids = new Set<number>();
  for (const { id } of data.nodes) {
    if (ids.has(id)) problems.push({ path: pathOf(outer, id), message: `Two nodes have the id ${id}` });
    ids.add(id);
  }
  return {
    nodes: data.nodes.map((node) => buildNode(node, outer, problems)),
    links: resolveLinks(data, outer, problems),
    groups: (data.groups ?? []).map(({ title, bounding, color, font_size: fontSize }) => ({
      title: title ?? "",
      bounding,
      ...(typeof color === "string" && { color }),
      ...(typeof fontSize === "number" && { fontSize }),
    })),
    about: buildAbout(data.extra?.guidegraph),
  };
}

function buildAbout(data: NonNullable<SerialisedGraph["extra"]>["guidegraph"]): About {
  const { title, description, versions, library } = data ?? {};
  return {
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    versions: plain(versions ?? {}) as Record<string, number>,
    ...(library !== undefined && { library }),
  };
}

function buildNode(data: SerialisedNode, outer: string, problems: Problem[]): GraphNode {
  const { id, type, title, mode, properties, inputs, outputs, subgraph, pos, size } = data;
  return {
    id,
    type,
    ...(typeof title === "string" && { title }),
    mode: mode ?? 0,
    properties: plain(properties ?? {}) as Record<string, unknown>,
    inputs: (inputs ?? []).map(buildSlot),
    outputs: (outputs ?? []).map(buildSlot),
    ...(subgraph && { inner: buildGraph(subgraph, pathOf(outer, id), problems) }),
    pos: pos ?? [0, 0],
    size: size ?? [0, 0],
    look: buildLook(data),
  };
}

const buildSlot = ({ name, type, label }: NonNullable<SerialisedNode["inputs"]>[number]) => ({
  name,
  type: type ?? 0,
  ...(typeof label === "string" && { label }),
});

function buildLook({ flags, color, bgcolor, boxcolor, shape }: SerialisedNode): Look {
  return {
    ...(flags?.collapsed && { collapsed: true }),
    ...(flags?.pinned && { pinned: true }),
    ...(typeof color === "string" && { color }),
    ...(typeof bgcolor === "string" && { bgcolor }),
    ...(typeof boxcolor === "string" && { boxcolor }),
    ...(typeof shape === "number" && { shape }),
  };
}

/** A copy of plain data without the keys through which an object's class can be reached. Depth is bounded by `limits`. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const safe = Object.entries(value).filter(([key]) => !reserved.has(key));
  return Object.fromEntries(safe.map(([key, inner]) => [key, plain(inner)]));
}
const reserved = new Set(["__proto__", "constructor", "prototype"]);

/** A schema's complaint at the node and port it is about. */
function located(issue: core.$ZodIssue, json: unknown): Problem {
  const path: string[] = [];
  let port: string | undefined;
  let at: unknown = json;
  for (const [i, key] of issue.path.entries()) {
    const list = issue.path[i - 1];
    at = typeof at === "object" && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined;
    const { id, name } = (at ?? {}) as { id?: unknown; name?: unknown };
    if (list === "nodes" && typeof key === "number") path.push(isId(id) ? `${id}` : `#${key}`);
    if ((list === "inputs" || list === "outputs") && typeof name === "string") port = name;
    if (list === "properties") port = String(key);
  }
  const message = `Cannot read ${issue.path.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("")}`;
  return {
    message: `${message.replace(" .", " ")}: ${issue.message}`,
    ...(path.length > 0 && { path: path.join("/") }),
    ...(port !== undefined && { port: port.slice(0, 100) }),
  };
}
const isId = (id: unknown): boolean => typeof id === "number" || (typeof id === "string" && id.length < 20);
