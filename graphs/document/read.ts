import type { core } from "zod";
import { checkedInPieces } from "./checked.ts";
import { foreignName, noGraph } from "./foreign.ts";
import { withRest } from "./keep.ts";
import type { Json } from "./kept.ts";
import { checkDepth, checkLimits, limits } from "./limits.ts";
import { resolveLinks, type TellLink } from "./links.ts";
import { migrateFormat } from "./migrate.ts";
import { mended, Oddities } from "./oddities.ts";
import { allAtOnce, eachInPieces, type Pieces } from "./pieces.ts";
import { plain } from "./plain.ts";
import type { SerialisedGraph, SerialisedNode } from "./schema.ts";
import {
  type About,
  DocumentError,
  type Graph,
  type GraphDocument,
  type GraphNode,
  type Look,
  type Problem,
  pathOf,
  type Slot,
} from "./types.ts";
import { whyNoJson } from "./why-no-json.ts";

const maxProblems = 50;

/**
 * Reads a graph from its JSON, given as text or parsed. The data is not trusted: its size is checked first, then its
 * shape, and everything returned is newly built. Node types we do not know are kept, and so is whatever else a file says.
 *
 * Throws a DocumentError with every problem found (at most 50), each with node and port where it has one.
 */
export const readDocument = (json: unknown): GraphDocument => allAtOnce(readInPieces(json));

/** The same, in pieces. */
export function* readInPieces(json: unknown): Pieces<GraphDocument> {
  const problems: Problem[] = [];
  const document = yield* read(yield* limited(json), problems, (_, problem) => problems.push(problem));
  if (problems.length > 0) throw new DocumentError(problems.slice(0, maxProblems));
  return document;
}

export interface Opened {
  readonly document: GraphDocument;
  /** What was left out or changed, in sentences with counts; empty for a file without oddities. */
  readonly notes: readonly string[];
}

/**
 * Reads a file as people bring it: as `readDocument`, but oddities that files of litegraph are known for do not keep it from
 * opening (`oddities.ts`). Throws a DocumentError for what cannot be read, and for what is no graph.
 */
export function openDocument(json: unknown): Opened {
  const oddities = new Oddities();
  const problems: Problem[] = [];
  const document = allAtOnce(read(mended(allAtOnce(limited(json)), oddities), problems, (why) => oddities.count(why)));
  if (problems.length > 0) throw new DocumentError(problems.slice(0, maxProblems));
  const program = foreignName(document);
  const made = program && `It was made for ${program}: its nodes are kept as they are and do nothing here.`;
  return { document, notes: [...(made ? [made] : []), ...oddities.sentences] };
}

function* limited(json: unknown): Pieces<unknown> {
  const data = typeof json === "string" ? parse(json) : json;
  yield;
  checkLimits(data);
  yield;
  return data;
}

function* read(data: unknown, problems: Problem[], tell: TellLink): Pieces<GraphDocument> {
  const why = noGraph(data);
  if (why !== undefined) throw new DocumentError([{ message: `Cannot read the graph: ${why}` }]);
  const current = migrateFormat(data);
  yield;
  const issues: core.$ZodIssue[] = [];
  const checked = yield* checkedInPieces(current, issues);
  if (!checked) throw new DocumentError(issues.slice(0, maxProblems).map((i) => located(i, current)));
  return yield* buildGraph(checked, current as Json, "", problems, tell);
}

function parse(text: string): unknown {
  if (text.length > limits.text)
    throw new DocumentError([
      { message: `Cannot read the graph: its text has ${text.length} characters, the limit is ${limits.text}` },
    ]);
  checkDepth(text);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new DocumentError([{ message: `Cannot read the graph: ${whyNoJson(text, error)}` }]);
  }
}

/** `raw` is what `data` was read from, with all its keys. */
function* buildGraph(
  data: SerialisedGraph,
  raw: Json,
  outer: string,
  problems: Problem[],
  tell: TellLink,
): Pieces<Graph> {
  const ids = new Set<number>();
  for (const { id } of data.nodes) {
    if (ids.has(id)) problems.push({ path: pathOf(outer, id), message: `Two nodes have the id ${id}` });
    ids.add(id);
  }
  const raws = raw.nodes as readonly Json[];
  const nodes = yield* eachInPieces(data.nodes, (node, i) => buildNode(node, raws[i], outer, problems, tell));
  const resolved = yield* resolveLinks(data, nodes, outer, tell);
  const entries = (raw.links ?? []) as readonly unknown[];
  const graph: Graph = {
    nodes,
    links: resolved.map(({ link }) => link),
    groups: (data.groups ?? []).map(({ title, bounding, color, font_size: fontSize }) => ({
      title: title ?? "",
      bounding,
      ...(typeof color === "string" && { color }),
      ...(typeof fontSize === "number" && { fontSize }),
    })),
    about: buildAbout(data.extra?.guidegraph),
    ...(entries.some((entry) => !Array.isArray(entry)) && { linkObjects: true }),
  };
  const joined = resolved.map(({ place }) => entries[place]);
  return yield* withRest(graph, raw, joined);
}

function buildAbout(data: NonNullable<SerialisedGraph["extra"]>["guidegraph"]): About {
  const { id, title, description, versions, library } = data ?? {};
  return {
    ...(id !== undefined && { id }),
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    versions: plain(versions ?? {}) as Record<string, number>,
    ...(library !== undefined && { library }),
  };
}

function* buildNode(
  data: SerialisedNode,
  raw: Json,
  outer: string,
  problems: Problem[],
  tell: TellLink,
): Pieces<GraphNode> {
  const { id, type, title, mode, properties, inputs, outputs, subgraph, pos, size } = data;
  return {
    id,
    type,
    ...(typeof title === "string" && { title }),
    mode: mode ?? 0,
    properties: plain(properties ?? {}) as Record<string, unknown>,
    inputs: buildSlots(inputs ?? [], "input"),
    outputs: buildSlots(outputs ?? [], "output"),
    ...(subgraph && { inner: yield* buildGraph(subgraph, raw.subgraph as Json, pathOf(outer, id), problems, tell) }),
    pos: pos ?? [0, 0],
    size: size ?? [0, 0],
    look: buildLook(data),
  };
}

/** Names identify slots, so one without a name, or with that of another, gets one of its own, the same each time. */
function buildSlots(slots: NonNullable<SerialisedNode["inputs"]>, side: string): Slot[] {
  const given = new Set(slots.map(({ name }) => name));
  const used = new Set<string>();
  const last = new Map<string, number>();
  return slots.map(({ name: wish, type, label }) => {
    let name = wish ?? "";
    if (name === "" || used.has(name)) {
      const base = name === "" ? side : name;
      let n = last.get(base) ?? (name === "" ? 1 : 2);
      while (used.has(`${base}_${n}`) || given.has(`${base}_${n}`)) n++;
      last.set(base, n + 1);
      name = `${base}_${n}`;
    }
    used.add(name);
    const kind = Array.isArray(type) ? type.map(String).join(",") : (type ?? 0);
    return { name, type: kind, ...(typeof label === "string" && { label }) };
  });
}

function buildLook({ flags, color, bgcolor, boxcolor, shape }: SerialisedNode): Look {
  const { collapsed, pinned } = (flags ?? {}) as { collapsed?: unknown; pinned?: unknown };
  return {
    ...(collapsed === true && { collapsed: true }),
    ...(pinned === true && { pinned: true }),
    ...(typeof color === "string" && { color }),
    ...(typeof bgcolor === "string" && { bgcolor }),
    ...(typeof boxcolor === "string" && { boxcolor }),
    ...(typeof shape === "number" && { shape }),
  };
}

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
