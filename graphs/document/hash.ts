import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { canonicalInPieces } from "./canonical.ts";
import { allAtOnce, eachInPieces, type Pieces } from "./pieces.ts";
import { plainGraph } from "./reroute.ts";
import type { Graph } from "./types.ts";

/** SHA-256 of a text in hex. Synchronous and the same in every engine, which Web Crypto is not. */
export const hashText = (text: string): string => bytesToHex(sha256(utf8ToBytes(text)));

/**
 * SHA-256 of what a graph does: nodes, parameters, links and inner graphs. Positions, colours, groups, notes, the way of
 * wires through reroutes, the order of nodes and slots, link ids, description and provenance do not count. It tells whether an inserted sampler was edited.
 */
export const contentHash = (graph: Graph): string => allAtOnce(hashInPieces(graph));

/** The same, in pieces. */
export function* hashInPieces(graph: Graph): Pieces<string> {
  return hashText(yield* canonicalInPieces(yield* content(graph)));
}

function* content(graph: Graph): Pieces<unknown> {
  const { nodes, links, about } = plainGraph(graph);
  const told = yield* eachInPieces(nodes, function* ({ id, inner, ...node }): Pieces<readonly [number, unknown]> {
    const { type, title, mode, properties } = node;
    const version = about.versions[type];
    return [id, { type, title, mode, properties, version, inner: inner && (yield* content(inner)) }];
  });
  return {
    nodes: Object.fromEntries(told),
    links: Object.fromEntries(links.map(({ from, output, to, input }) => [`${to} ${input}`, [from, output]])),
  };
}
