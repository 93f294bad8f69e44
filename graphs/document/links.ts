/**
 * Links by the names of the slots they join. litegraph stores a link three times: in the graph's table with slot
 * indices, in the input as `link`, in the output among `links`. The slots say it together with their names, so they
 * are asked first; the index only serves slots that say nothing (a graph written by hand).
 */
import type { Pieces } from "./pieces.ts";
import type { SerialisedGraph, SerialisedLink, SerialisedNode } from "./schema.ts";
import { type GraphLink, type GraphNode, type Problem, pathOf } from "./types.ts";

/** Why a link joins nothing. */
export type LooseLink = "doubled" | "missing node" | "missing slot" | "taken input";

export type TellLink = (why: LooseLink, problem: Problem) => void;

/** The links of one graph that join two slots, each with its place in the table; of the others `tell` is told. */
export function* resolveLinks(
  data: SerialisedGraph,
  built: readonly GraphNode[],
  outer: string,
  tell: TellLink,
): Pieces<{ readonly link: GraphLink; readonly place: number }[]> {
  const nodes = new Map(data.nodes.map((node, i) => [node.id, { node, ...slotNames(built[i]) }]));
  const ids = new Set<number>();
  const taken = new Map<string, number>();
  const links: { link: GraphLink; place: number }[] = [];
  for (const [place, link] of (data.links ?? []).entries()) {
    const [id, from, , to] = link;
    const problem = (why: LooseLink, message: string, node?: number, port?: string) =>
      tell(why, {
        message: `Link ${id} ${message}`,
        ...(node !== undefined && { path: pathOf(outer, node) }),
        ...(port !== undefined && { port }),
      });
    const [origin, target] = [nodes.get(from), nodes.get(to)];
    const output = origin?.outputs[outputOf(origin.node, link)];
    const input = target?.inputs[inputOf(target.node, link)];
    const port = `${to} ${input}`;
    yield;
    if (ids.has(id)) problem("doubled", "is there twice", to, input);
    else if (!origin) problem("missing node", `comes from node ${from}, which is not there`, target && to, input);
    else if (!target) problem("missing node", `goes to node ${to}, which is not there`, from, output);
    else if (output === undefined) problem("missing slot", `leaves output ${link[2]}, which is not there`, from);
    else if (input === undefined) problem("missing slot", `enters input ${link[4]}, which is not there`, to);
    else if (taken.has(port))
      problem(
        "taken input",
        `enters "${input}", which link ${taken.get(port)} enters already: an input takes one`,
        to,
        input,
      );
    else {
      ids.add(id);
      taken.set(port, id);
      links.push({ link: { id, from, output, to, input }, place });
    }
  }
  return links;
}

const slotNames = ({ inputs, outputs }: GraphNode) => ({
  inputs: inputs.map(({ name }) => name),
  outputs: outputs.map(({ name }) => name),
});

const outputOf = ({ outputs = [] }: SerialisedNode, [id, , index]: SerialisedLink): number =>
  placeOf(
    outputs?.findIndex(({ links }) => links?.includes(id)),
    index,
  );

const inputOf = ({ inputs = [] }: SerialisedNode, [id, , , , index]: SerialisedLink): number =>
  placeOf(
    inputs?.findIndex(({ link }) => link === id),
    index,
  );

const placeOf = (found: number | undefined, index: number): number =>
  found === undefined || found < 0 ? index : found;
