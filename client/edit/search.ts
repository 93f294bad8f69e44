/** The nodes of a catalogue, searched as a person searches: by what they are called, what they have, and what people say. */
import { near } from "../../graphs/document/index.ts";
import type { NodeDescription } from "../../nodes/describe.ts";

/** Words that people come with, and those that the nodes have for it. */
const everyday: Readonly<Record<string, readonly string[]>> = {
  average: ["mean"],
  blend: ["mask", "add"],
  cfg: ["classifier-free"],
  checkpoint: ["load"],
  class: ["labels"],
  compare: ["grid", "preview", "difference"],
  denoise: ["predict"],
  download: ["save"],
  export: ["save"],
  ignore: ["mask"],
  image: ["picture"],
  interval: ["step value", "respacing"],
  invert: ["inversion", "reverse"],
  latent: ["noise"],
  math: ["arithmetic"],
  merge: ["add"],
  multiply: ["scale", "arithmetic"],
  negative: ["classifier-free"],
  photo: ["picture"],
  prompt: ["labels"],
  random: ["noise", "seed"],
  show: ["preview"],
  strength: ["scale"],
  subtract: ["arithmetic", "add"],
  upscale: ["low res"],
  weight: ["scale"],
};

/** Nodes that match every word of the query, best first: title, the paper's term, parameters and ports, category, description. */
export function searchNodes(nodes: readonly NodeDescription[], query: string): NodeDescription[] {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => /[\p{L}\p{N}]/u.test(word));
  if (words.length === 0) return [...nodes];
  const found = ranked(nodes, words);
  return found.length > 0
    ? found
    : ranked(
        nodes,
        words.map((word) => meant(nodes, word)),
      );
}

function ranked(nodes: readonly NodeDescription[], words: readonly string[]): NodeDescription[] {
  return nodes
    .map((node) => ({ node, score: score(node, words) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ node }) => node);
}

/** A word as it is, where a node has it; else the nearest that one has, for a slip of the hand. */
function meant(nodes: readonly NodeDescription[], word: string): string {
  if (nodes.some((node) => score(node, [word]) > 0) || word.length < 4) return word;
  const vocabulary = nodes.flatMap((node) => [...node.title.toLowerCase().split(/[^\p{L}\p{N}]+/u), ...portsOf(node)]);
  return near(word, new Set([...vocabulary, ...Object.keys(everyday)].filter((one) => one.length > 3)))[0] ?? word;
}

const portsOf = ({ inputs, outputs }: NodeDescription): string[] =>
  [...inputs, ...outputs].map(({ name }) => name.toLowerCase());

function score(node: NodeDescription, words: readonly string[]): number {
  let sum = node.title.toLowerCase().startsWith(words.join(" ")) ? 8 : 0;
  for (const word of words) {
    const own = scoreOfWord(node, word);
    // What people say stands below what a node says of itself.
    const said = own > 0 ? 0 : Math.max(0, ...(everyday[word] ?? []).map((other) => scoreOfWord(node, other) / 2));
    if (own + said === 0) return 0;
    sum += own + said;
  }
  return sum;
}

function scoreOfWord(node: NodeDescription, word: string): number {
  const { title, category, description, reference = "", type } = node;
  const [name, ports] = [title.toLowerCase(), portsOf(node)];
  if (name.startsWith(word) || name.includes(` ${word}`)) return 6;
  if (name.includes(word)) return 4;
  if (reference.toLowerCase().includes(word)) return 3;
  if (ports.includes(word)) return 2.5;
  if (ports.some((port) => port.includes(word))) return 2;
  return `${category} ${description} ${type}`.toLowerCase().includes(word) ? 1 : 0;
}
