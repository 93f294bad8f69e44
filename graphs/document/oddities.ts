/**
 * Oddities that files of litegraph are known for: wires that join nothing, ids that are no numbers, keys that a host would
 * take for its own. Such a file opens without them, and what was left out or changed is counted.
 */
import { isObject, type Json } from "./kept.ts";
import { limits } from "./limits.ts";
import type { LooseLink } from "./links.ts";
import { isHostKey } from "./plain.ts";

export type Oddity = LooseLink | "empty link" | "node id" | "link id" | "host key";

/** One sentence's part each, by how many there were. */
const words = {
  "missing node": (n) => `${some(n, "wire")} from or to a node that is not there`,
  "missing slot": (n) => `${some(n, "wire")} from or to a slot that is not there`,
  "taken input": (n) => `${some(n, "wire")} into an input that has one already`,
  doubled: (n) => `${some(n, "wire")} with the number of another`,
  "empty link": (n) => `${some(n, "empty entry", "empty entries")} among the wires`,
  "host key": (n) => `${some(n, "key")} named as litegraph’s own methods`,
  "node id": (n) => `${some(n, "node")} whose id is no number of its own`,
  "link id": (n) => `${some(n, "wire")} whose id is no whole number`,
} as const satisfies Record<Oddity, (count: number) => string>;

const renumbered: ReadonlySet<Oddity> = new Set(["node id", "link id"]);

const some = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;

/** Counts what was odd about a file. */
export class Oddities {
  readonly #counts = new Map<Oddity, number>();

  count(oddity: Oddity): void {
    this.#counts.set(oddity, (this.#counts.get(oddity) ?? 0) + 1);
  }

  /** "Left out: 2 wires from or to a node that is not there.", at most one sentence for what is gone and one for what is changed. */
  get sentences(): string[] {
    const told = (is: boolean) =>
      [...this.#counts].flatMap(([oddity, n]) => (renumbered.has(oddity) === is ? [words[oddity](n)] : []));
    const [gone, changed] = [told(false), told(true)];
    return [
      ...(gone.length > 0 ? [`Left out: ${gone.join(", ")}.`] : []),
      ...(changed.length > 0 ? [`Numbered anew: ${changed.join(", ")}.`] : []),
    ];
  }
}

/** The file with ids that are whole numbers, each once, and without empty links; it has passed `checkLimits` alone. */
export function mended(json: unknown, oddities: Oddities): unknown {
  if (!isObject(json) || !Array.isArray(json.nodes)) return json;
  const links = Array.isArray(json.links) ? json.links.filter((link) => isLink(link) || count(oddities)) : json.links;
  const nodeIds = numbered(json.nodes.map(idOf), () => oddities.count("node id"));
  const linkIds = numbered(Array.isArray(links) ? links.map(linkIdOf) : [], () => oddities.count("link id"), "doubled");
  countHostKeys(json, oddities);
  return {
    ...json,
    nodes: json.nodes.map((node, i) => mendedNode(node, nodeIds.at[i], linkIds.of, oddities)),
    ...(Array.isArray(links) && { links: links.map((link, i) => mendedLink(link, linkIds.at[i], nodeIds.of)) }),
  };
}

const isLink = (link: unknown): boolean => link !== null && link !== undefined;
const count = (oddities: Oddities): false => {
  oddities.count("empty link");
  return false;
};
const idOf = (one: unknown): unknown => (isObject(one) ? one.id : undefined);
const linkIdOf = (link: unknown): unknown => (Array.isArray(link) ? link[0] : idOf(link));

interface Numbers {
  readonly at: readonly unknown[];
  /** The number that a file's id became; the first that had it. */
  readonly of: (id: unknown) => unknown;
}

/** Ids that are whole numbers stay; others, and the second of two equal ones, get the numbers after the largest. */
function numbered(ids: readonly unknown[], tell: () => void, equal?: "doubled"): Numbers {
  const isNumber = (id: unknown): id is number => Number.isInteger(id) && Number(id) >= 0 && Number(id) <= limits.id;
  let last = ids.reduce<number>((last, id) => (isNumber(id) ? Math.max(last, id) : last), 0);
  const of = new Map<unknown, unknown>();
  const at = ids.map((id) => {
    if (isNumber(id) && (equal || !of.has(id))) {
      of.set(id, id);
      return id;
    }
    if (id === undefined || (typeof id !== "string" && typeof id !== "number")) return id;
    tell();
    last += 1;
    if (!of.has(id)) of.set(id, last);
    return last;
  });
  return { at, of: (id) => of.get(id) ?? id };
}

function mendedNode(node: unknown, id: unknown, linkOf: (id: unknown) => unknown, oddities: Oddities): unknown {
  if (!isObject(node)) return node;
  countHostKeys(node, oddities);
  const slots = (list: unknown): unknown =>
    Array.isArray(list)
      ? list.map((slot) => {
          if (!isObject(slot)) return slot;
          const { link, links } = slot;
          return {
            ...slot,
            ...(link !== undefined && { link: knownId(linkOf(link)) }),
            ...(Array.isArray(links) && { links: links.map(linkOf).filter((id) => Number.isInteger(id)) }),
          };
        })
      : list;
  return {
    ...node,
    id,
    ...("inputs" in node && { inputs: slots(node.inputs) }),
    ...("outputs" in node && { outputs: slots(node.outputs) }),
    ...(isObject(node.subgraph) && { subgraph: mended(node.subgraph, oddities) }),
  };
}

/** A slot may name a wire that the table does not have. */
const knownId = (id: unknown): unknown => (Number.isInteger(id) ? id : null);

function mendedLink(link: unknown, id: unknown, nodeOf: (id: unknown) => unknown): unknown {
  if (Array.isArray(link)) {
    const [, from, output, to, ...rest] = link;
    return [id, knownEnd(nodeOf(from)), output, knownEnd(nodeOf(to)), ...rest];
  }
  if (!isObject(link)) return link;
  return {
    ...link,
    id,
    origin_id: knownEnd(nodeOf(link.origin_id)),
    target_id: knownEnd(nodeOf(link.target_id)),
  };
}

/** A node that no file can have, where the id of an end is none of the file's. */
const knownEnd = (id: unknown): unknown =>
  typeof id === "string" || (typeof id === "number" && !(id >= 0 && id <= limits.id)) ? limits.id : id;

function countHostKeys(one: Json, oddities: Oddities): void {
  for (const key of Object.keys(one)) if (isHostKey(key)) oddities.count("host key");
}
