/**
 * Links by the names of the slots they join. litegraph stores a link three times: in the graph's table with slot
 * indices, in the input as `link`, in the output among `links`. The slots say it together with their names, so they
 * are asked first; the index only serves slots that say nothing (a graph written by hand).
 */
import type { SerialisedGraph, SerialisedLink, SerialisedNode } from "./schema.ts";
import { type GraphLink, type Problem, pathOf } from "./types.ts";

/** The links of one graph; what cannot be resolved is added to `problems`. */
export function resolveLinks(data: SerialisedGraph, outer: string, problems: Problem[]): GraphLink[] {
  const nodes = new Map(data.nodes.map((node) => [node.id, node]));
  const ids = new Set<number>();
  const taken = new Map<string, number>();
  const links: GraphLink[] = [];
  for (const link of data.links ?? []) {
    const [id, from, , to] = link;
    const problem = (message: string, node?: number, port?: string) =>
      problems.push({
        message: `Link ${id} ${message}`,
        ...(node !== undefined && { path: pathOf(outer, node) }),
        ...(port !== undefined && { port }),
      });
    const [origin, target] = [nodes.get(from), nodes.get(to)];
    const output = origin && outputOf(origin, link);
    const input = target && inputOf(target, link);
    const port = target && `${to} ${input}`;
    if (ids.has(id)) problem("is there twice", to, input);
    else if (!origin) problem(`comes from node ${from}, which is not there`, target && to, input);
    else if (!target) problem(`goes to node ${to}, which is not there`, from, output);
    else if (output === undefined) problem(`leaves output ${link[2]}, which is not there`, from);
    else if (input === undefined) problem(`enters input ${link[4]}, which is not there`, to);
    else if (port !== undefined && taken.has(port))
      problem(`enters "${input}", which link ${taken.get(port)} enters already: an input takes one`, to, input);
    else {
      ids.add(id);
      taken.set(port as string, id);
      links.push({ id, from, output, to, input });
    }
  }
  for (const node of data.nodes) checkNames(node, pathOf(outer, node.id), problems);
  return links;
}

const outputOf = ({ outputs }: SerialisedNode, [id, , index]: SerialisedLink): string | undefined =>
  (outputs?.find(({ links }) => links?.includes(id)) ?? outputs?.[index])?.name;

const inputOf = ({ inputs }: SerialisedNode, [id, , , , index]: SerialisedLink): string | undefined =>
  (inputs?.find(({ link }) => link === id) ?? inputs?.[index])?.name;

/** Names identify slots, so a node has each once; and a slot cannot hang on a link that the graph does not have. */
function checkNames(node: SerialisedNode, path: string, problems: Problem[]): void {
  for (const [what, slots] of [["inputs", node.inputs] as const, ["outputs", node.outputs] as const]) {
    const names = new Set<string>();
    for (const { name } of slots ?? []) {
      if (names.has(name)) problems.push({ path, port: name, message: `Two ${what} are called "${name}"` });
      names.add(name);
    }
  }
}
