/** What the server says can be put on a canvas: looked up by type, and searched as a person searches. */
import type { Definition, Definitions, PortShape } from "../../graphs/document/index.ts";
import type { NodeDescription, PortDescription } from "../../nodes/describe.ts";

export interface Catalogue {
  /** In the palette's order. */
  readonly nodes: readonly NodeDescription[];
  readonly byType: ReadonlyMap<string, NodeDescription>;
  /** The same, as graphs/document asks for ports. */
  readonly definitions: Definitions;
}

export function catalogueOf(nodes: readonly NodeDescription[]): Catalogue {
  const byType = new Map(nodes.map((node) => [node.type, node]));
  return { nodes, byType, definitions: Object.fromEntries(nodes.map((node) => [node.type, definitionOf(node)])) };
}

function definitionOf({ version, title, inputs, outputs, gives, structure }: NodeDescription): Definition {
  const shared = { version, title, inputs: portsByName(inputs) };
  return structure ? { ...shared, gives: portsByName(gives) } : { ...shared, outputs: portsByName(outputs) };
}

const portsByName = (ports: readonly PortDescription[]): Record<string, PortShape> =>
  Object.fromEntries(ports.map(({ name, ...port }) => [name, port]));

/** Nodes that match every word of the query, best first: title, then the paper's term, category, description. */
export function searchNodes(nodes: readonly NodeDescription[], query: string): NodeDescription[] {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => /[\p{L}\p{N}]/u.test(word));
  if (words.length === 0) return [...nodes];
  const scored = nodes.map((node) => ({ node, score: score(node, words) }));
  return scored
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ node }) => node);
}

function score(
  { title, category, description, reference = "", type }: NodeDescription,
  words: readonly string[],
): number {
  const [name, term] = [title.toLowerCase(), reference.toLowerCase()];
  const rest = `${category} ${description} ${type}`.toLowerCase();
  let sum = name.startsWith(words.join(" ")) ? 8 : 0;
  for (const word of words) {
    if (name.startsWith(word) || name.includes(` ${word}`)) sum += 6;
    else if (name.includes(word)) sum += 4;
    else if (term.includes(word)) sum += 3;
    else if (rest.includes(word)) sum += 1;
    else return 0;
  }
  return sum;
}
