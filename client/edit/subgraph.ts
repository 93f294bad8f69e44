/** Selected nodes become one node that holds them, and back: inverse operations, no wire and no value is lost. */
import {
  borderName,
  freeName,
  type Graph,
  type GraphLink,
  type GraphNode,
  graphSlot,
  groupBy,
  isBorder,
  newNode,
  realReaders,
  realSource,
  structures,
} from "../../graphs/document/index.ts";
import type { Catalogue } from "./catalogue.ts";
import { kindOf } from "./fit.ts";
import { nextId, nextLinkId, nodeOf } from "./graph.ts";

interface Border {
  readonly name: string;
  readonly kind: string;
  readonly links: readonly GraphLink[];
}

/** Wires that share their source share an input; each source that is used outside is an output. Names are the slots', made unique. */
function borders(
  links: readonly GraphLink[],
  wish: (link: GraphLink) => string,
  kind: (link: GraphLink) => string,
): Border[] {
  const bySource = groupBy(links, ({ from, output }) => `${from} ${output}`);
  const taken = new Set<string>();
  return [...bySource.values()].map((links) => {
    const name = freeName(wish(links[0]), (name) => taken.has(name));
    taken.add(name);
    return { name, kind: kind(links[0]), links };
  });
}

export interface Made {
  readonly graph: Graph;
  readonly id: number;
}

export function makeSubgraph(graph: Graph, ids: ReadonlySet<number>, title: string, catalogue: Catalogue): Made {
  const chosen = graph.nodes.filter(({ id }) => ids.has(id));
  const sourceKind = ({ from, output }: GraphLink) => kindOf(nodeOf(graph, from) as GraphNode, "output", output);
  const entering = borders(
    graph.links.filter(({ from, to }) => ids.has(to) && !ids.has(from)),
    ({ to, input }) => realReaders(graph, { node: to, slot: input })[0]?.slot ?? input,
    sourceKind,
  );
  const leaving = borders(
    graph.links.filter(({ from, to }) => ids.has(from) && !ids.has(to)),
    ({ from, output }) => realSource(graph, { node: from, slot: output })?.slot ?? output,
    sourceKind,
  );
  const left = Math.min(...chosen.map(({ pos: [x] }) => x));
  const right = Math.max(...chosen.map(({ pos: [x], size: [w] }) => x + w));
  const top = Math.min(...chosen.map(({ pos: [, y] }) => y));
  const first = nextId(graph);
  const { definitions } = catalogue;
  const border = (type: string, from: number, x: number) => (of: Border, i: number) =>
    newNode(
      { id: from + i, type, title: of.name, set: { name: of.name, kind: of.kind }, pos: [x, top + i * 72] },
      definitions,
    );
  const inputs = entering.map(border(structures.input, first, left - 220));
  const outputs = leaving.map(border(structures.output, first + entering.length, right + 80));
  const inside = graph.links.filter(({ from, to }) => ids.has(from) && ids.has(to));
  const ends = [
    ...entering.flatMap(({ links }, i) => links.map((link) => ({ ...link, from: inputs[i].id, output: graphSlot }))),
    ...leaving.map(({ links: [link] }, i) => ({ ...link, to: outputs[i].id, input: graphSlot })),
  ];
  const firstLink = nextLinkId(graph);
  const { versions } = graph.about;
  const inner: Graph = {
    nodes: [...chosen, ...inputs, ...outputs],
    links: [...inside, ...ends.map((link, i) => ({ ...link, id: firstLink + i }))],
    groups: [],
    about: { title, versions: { ...versions, ...versionsOf(catalogue, structures.input, structures.output) } },
  };
  const id = first + entering.length + leaving.length;
  const wired = entering.map(({ name }) => name);
  const holder = newNode({ id, type: structures.subgraph, title, wired, inner, pos: [left, top] }, definitions);
  const outer = [
    ...entering.map(({ name, links: [{ from, output }] }) => ({ from, output, to: holder.id, input: name })),
    ...leaving.flatMap(({ name, links }) =>
      links.map(({ to, input }) => ({ from: holder.id, output: name, to, input })),
    ),
  ];
  const rest = graph.links.filter(({ from, to }) => !ids.has(from) && !ids.has(to));
  return {
    id: holder.id,
    graph: {
      ...graph,
      nodes: [...graph.nodes.filter(({ id }) => !ids.has(id)), holder],
      links: [...rest, ...outer.map((link, i) => ({ ...link, id: firstLink + ends.length + i }))],
      about: { ...graph.about, versions: { ...versions, ...versionsOf(catalogue, structures.subgraph) } },
    },
  };
}

const versionsOf = (catalogue: Catalogue, ...types: string[]) =>
  Object.fromEntries(types.map((type) => [type, catalogue.byType.get(type)?.version ?? 1]));

/** The inside in place of the node. Values set on it for promoted parameters go to the parameters they stand for. */
export function dissolveSubgraph(graph: Graph, id: number): { graph: Graph; ids: ReadonlySet<number> } | undefined {
  const holder = nodeOf(graph, id);
  const inner = holder?.inner;
  if (!holder || !inner || holder.type !== structures.subgraph) return undefined;
  const borderOf = (type: string) =>
    new Map(inner.nodes.filter((node) => node.type === type).map((node) => [node.id, borderName(node)]));
  const [inputs, outputs] = [borderOf(structures.input), borderOf(structures.output)];
  const used = new Set(graph.nodes.map((node) => node.id));
  let free = nextId({ ...graph, nodes: [...graph.nodes, ...inner.nodes] });
  const idOf = new Map<number, number>();
  for (const node of inner.nodes) if (!isBorder(node)) idOf.set(node.id, used.has(node.id) ? free++ : node.id);
  const at = (link: GraphLink, end: "from" | "to") => idOf.get(link[end]) as number;
  const fed = new Map(graph.links.filter(({ to }) => to === id).map((link) => [link.input, link]));
  const links: Omit<GraphLink, "id">[] = [];
  const values: [node: number, name: string, value: unknown][] = [];
  for (const link of inner.links) {
    const source = inputs.get(link.from);
    const goal = outputs.get(link.to);
    const outer = source === undefined ? undefined : fed.get(source);
    const start =
      source === undefined
        ? { from: at(link, "from"), output: link.output }
        : outer && { from: outer.from, output: outer.output };
    if (source !== undefined && !outer && Object.hasOwn(holder.properties, source) && goal === undefined)
      for (const { node, slot } of realReaders(inner, { node: link.to, slot: link.input }))
        values.push([idOf.get(node) ?? 0, slot, holder.properties[source]]);
    if (!start) continue;
    if (goal === undefined) links.push({ ...start, to: at(link, "to"), input: link.input });
    else
      for (const { from, output, to, input } of graph.links)
        if (from === id && output === goal) links.push({ ...start, to, input });
  }
  const nodes = inner.nodes
    .filter((node) => !isBorder(node))
    .map((node) => {
      const set = values
        .filter(([target]) => target === idOf.get(node.id))
        .map(([, name, value]) => [name, value] as const);
      return {
        ...node,
        id: idOf.get(node.id) as number,
        properties: { ...node.properties, ...Object.fromEntries(set) },
      };
    });
  const firstLink = nextLinkId(graph);
  return {
    ids: new Set(idOf.values()),
    graph: {
      ...graph,
      nodes: [...graph.nodes.filter((node) => node.id !== id), ...nodes],
      links: [
        ...graph.links.filter(({ from, to }) => from !== id && to !== id),
        ...links.map((link, i) => ({ ...link, id: firstLink + i })),
      ],
      about: { ...graph.about, versions: { ...inner.about.versions, ...graph.about.versions } },
    },
  };
}
