/**
 * The size of untrusted JSON, checked without recursion before anything else walks it: `JSON.parse` accepts a depth of
 * a million, at which a recursive schema, `structuredClone` and `JSON.stringify` overflow.
 */
import { isDeeperThan, nestedDeeper } from "./nesting.ts";
import { DocumentError } from "./types.ts";

export const limits = {
  /** Text of a document, in UTF-16 units: a graph of 2,000 nodes takes about half of it. */
  text: 2 * 1024 * 1024,
  /** Objects in objects. A subgraph takes three levels (graph, nodes, node), so nine of them nest. */
  depth: 32,
  nodes: 2_000,
  links: 10_000,
  /** One text or key. */
  string: 64 * 1024,
  /** Entries of one list, and keys of one object; links are the longest. */
  list: 10_000,
  /** Values of a whole document. One of so many nodes and links takes 200,000; a server reads it on the thread that answers all. */
  values: 300_000,
  /** litegraph keeps links in an array by id, so an id is also a length. */
  id: 1_000_000,
} as const;

/** Throws a DocumentError for a text that is nested deeper than `checkLimits` takes, before it is parsed. */
export function checkDepth(text: string): void {
  // The innermost may be empty.
  if (isDeeperThan(text, limits.depth + 1)) refuse(tooDeep);
}

const tooDeep = `it ${nestedDeeper(limits.depth)}`;

/** Throws a DocumentError that names the limit which `json` exceeds. Nodes and links are counted in all nested graphs. */
export function checkLimits(json: unknown): void {
  let level: unknown[] = [json];
  let [values, nodes, links] = [0, 0, 0];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > limits.depth) refuse(tooDeep);
    const next: unknown[] = [];
    for (const value of level) {
      if (typeof value === "string") checkString(value);
      else if (Array.isArray(value)) {
        if (value.length > limits.list) refuse(`a list has ${value.length} entries, the limit is ${limits.list}`);
        for (const inner of value) next.push(inner);
      } else if (typeof value === "object" && value !== null) {
        const keys = Object.keys(value);
        if (keys.length > limits.list) refuse(`an object has ${keys.length} keys, the limit is ${limits.list}`);
        for (const key of keys) {
          const inner = (value as Record<string, unknown>)[key];
          checkString(key);
          if (key === "nodes" && Array.isArray(inner)) nodes += inner.length;
          if (key === "links" && Array.isArray(inner) && "nodes" in value) links += inner.length;
          next.push(inner);
        }
      }
      if (values + next.length > limits.values) refuse(`it holds more than ${limits.values} values`);
      if (nodes > limits.nodes) refuse(`it has more than ${limits.nodes} nodes`);
      if (links > limits.links) refuse(`it has more than ${limits.links} links`);
    }
    values += next.length;
    level = next;
  }
}

function checkString(text: string): void {
  if (text.length > limits.string) refuse(`a text has ${text.length} characters, the limit is ${limits.string}`);
}

function refuse(why: string): never {
  throw new DocumentError([{ message: `Cannot read the graph: ${why}` }]);
}
