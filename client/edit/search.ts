/** The nodes of a catalogue, searched as a person searches: by what they are called, what they have, and what people say. */

import type { NodeDescription } from "../../nodes/describe.ts";
import { near } from "../../spelling/index.ts";

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
  const [title, phrase] = [node.title.toLowerCase(), words.join(" ")];
  let sum = title === phrase ? 8 : title.startsWith(phrase) ? 1 : 0;
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
  // What gives a thing is meant before what has it beside others.
  const gives = node.outputs.some((port) => port.name.toLowerCase() === word) ? 2 : 0;
  if (begins(name, word)) return 6 + gives;
  if (name.includes(word)) return 4 + gives;
  // What is that function before what is like it.
  if (begins(reference.toLowerCase(), word)) return (reference.toLowerCase().startsWith(word) ? 3.25 : 3) + gives;
  if (ports.includes(word)) return 2.5 + gives;
  if (ports.some((port) => begins(port, word))) return 2;
  const about = `${category} ${description} ${type}`.toLowerCase();
  if (begins(about, word)) return 1;
  return [reference, about, ...ports].some((text) => text.toLowerCase().includes(word)) ? 0.5 : 0;
}

/** Whether a word of the text begins so: "eta" is in "beta", and means another. */
const begins = (text: string, word: string): boolean => {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1))
    if (at === 0 || !/[\p{L}\p{N}]/u.test(text[at - 1])) return true;
  return false;
};
