/** Keys by content: the same file, flags and graph give the same key, whatever version of a builder made the graph. */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { OnnxModel } from "../../onnx/index.ts";

/** SHA-256 of the parts, in hex; parts are kept apart. */
export const keyOf = (...parts: readonly unknown[]): string => bytesToHex(sha256(utf8ToBytes(JSON.stringify(parts))));

/**
 * SHA-256 of a graph as it stands: nodes, ports and constants. Of weights that are read later only name, type and shape
 * take part, so the key of the file they come from belongs beside this.
 */
export function fingerprint({ graph, opsets }: OnnxModel): string {
  const { nodes, inputs, outputs, initializers } = graph;
  const text = JSON.stringify([[...opsets], inputs, outputs, nodes, [...initializers]], (_, value) => {
    if (value instanceof Uint8Array) return bytesToHex(sha256(value));
    if (value instanceof Set) return [...value];
    return typeof value?.read === "function" ? value.byteLength : value;
  });
  return bytesToHex(sha256(utf8ToBytes(text)));
}
