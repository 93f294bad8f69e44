/** The schema asked in pieces, a node or a link each, however deep it lies: of a large graph all of it takes a while. */
import type { core } from "zod";
import { isObject } from "./kept.ts";
import { eachInPieces, mapInPieces, type Pieces } from "./pieces.ts";
import {
  graph as graphSchema,
  link as linkSchema,
  node as nodeSchema,
  type SerialisedGraph,
  type SerialisedLink,
  type SerialisedNode,
} from "./schema.ts";

/** What is of a schema; undefined where it is not, and what is wrong with it is told. */
type Asked<T> = { readonly data?: T | undefined; readonly error?: { readonly issues: readonly core.$ZodIssue[] } };

/** The graph as the schema gives it, all of it; undefined where `issues` were found, each with its path below `path`. */
export function* checkedInPieces(
  json: unknown,
  issues: core.$ZodIssue[],
  path: readonly PropertyKey[] = [],
): Pieces<SerialisedGraph | undefined> {
  const told = <T>(below: readonly PropertyKey[], { data, error }: Asked<T>): T | undefined => {
    for (const issue of error?.issues ?? []) issues.push({ ...issue, path: [...path, ...below, ...issue.path] });
    return data;
  };
  if (!isObject(json) || !Array.isArray(json.nodes)) return told([], graphSchema.safeParse(json));
  const nodes = yield* eachInPieces(json.nodes, function* (one: unknown, i): Pieces<SerialisedNode | undefined> {
    const below = ["nodes", i];
    if (!isObject(one) || !isObject(one.subgraph)) return told(below, nodeSchema.safeParse(one));
    const { subgraph, ...rest } = one;
    const node = told(below, nodeSchema.safeParse(rest));
    const inner = yield* checkedInPieces(subgraph, issues, [...path, ...below, "subgraph"]);
    return node && inner && { ...node, subgraph: inner };
  });
  const list = Array.isArray(json.links) ? json.links : undefined;
  const links = list && (yield* mapInPieces(list, (one, i) => told(["links", i], linkSchema.safeParse(one))));
  const around = told([], graphSchema.safeParse({ ...json, nodes: [], ...(links && { links: [] }) }));
  if (!around || issues.length > 0) return undefined;
  return { ...around, nodes: nodes as SerialisedNode[], ...(links && { links: links as SerialisedLink[] }) };
}
