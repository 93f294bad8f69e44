import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { canonical } from "./canonical.ts";
import { plainGraph } from "./reroute.ts";
import type { Graph } from "./types.ts";

/** SHA-256 of a text in hex. Synchronous and the same in every engine, which Web Crypto is not. */
export const hashText = (text: string): string => bytesToHex(sha256(utf8ToBytes(text)));

/**
 * SHA-256 of what a graph does: nodes, parameters, links and inner graphs. Positions, colours, groups, notes, the way of
 * wires through reroutes, the order of nodes and slots, link ids, description and provenance do not count. It tells whether an inserted sampler was edited.
 */
export const contentHash = (graph: Graph): string => hashText(canonical(content(graph)));

function content(graph: Graph): unknown {
  const { nodes, links, about } = plainGraph(graph);
  return {
    nodes: Object.fromEntries(
      nodes.map(({ id, type, title, mode, properties, inner }) => [
        id,
        { type, title, mode, properties, version: about.versions[type], inner: inner && content(inner) },
      ]),
    ),
    links: Object.fromEntries(links.map(({ from, output, to, input }) => [`${to} ${input}`, [from, output]])),
  };
}
