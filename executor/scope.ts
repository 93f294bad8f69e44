/**
 * The document with everything in its place: each graph becomes a scope, each node knows its definition, its ports and
 * the graph around it. What a single link or node already shows to be wrong is found here.
 */
import {
  borderName,
  emptyGraph,
  type Graph,
  type GraphLink,
  type GraphNode,
  graphSlot,
  holdsGraph,
  isMuted,
  kindFits,
  offOf,
  oneLine,
  own,
  ownedInputProblem,
  ownedOutputProblem,
  pathOf,
  portsOf,
  straightened,
  structures,
} from "../graphs/document/index.ts";
import { type AnyNode, GraphError, isStructure, type Port, type Registry, type Structure } from "../nodes/index.ts";
import type { Path } from "./types.ts";

export interface Scope {
  /** Of the node around it; "" for the outermost graph. */
  readonly path: Path;
  readonly nodes: ReadonlyMap<number, Placed>;
  /** What enters an input: `${node} ${input}` → link, from where its value really comes, reroutes looked through. */
  readonly wires: ReadonlyMap<string, GraphLink>;
  /** The graph's own inputs and outputs by name. */
  readonly inputs: ReadonlyMap<string, Placed>;
  readonly outputs: ReadonlyMap<string, Placed>;
  readonly outer?: Placed;
  /** The innermost loop around it. */
  readonly loop?: Placed;
}

export interface Placed {
  readonly path: Path;
  readonly title: string;
  readonly node: GraphNode;
  readonly scope: Scope;
  /** Undefined when nothing is known of its type. */
  readonly entry: AnyNode | Structure | undefined;
  readonly inputs: ReadonlyMap<string, Port>;
  readonly outputs: ReadonlyMap<string, Port>;
  readonly inner?: Scope;
  /** Neither muted, nor bypassed, nor inside something that is. */
  readonly alive: boolean;
}

export const isLoop = ({ entry }: Placed): boolean => entry?.type === structures.loop;
export const isDifferentiate = ({ entry }: Placed): boolean => entry?.type === structures.differentiate;
export const isSubgraph = ({ entry }: Placed): boolean => entry?.type === structures.subgraph;
export const isGraphInput = ({ entry }: Placed): boolean => entry?.type === structures.input;
export const isGraphOutput = ({ entry }: Placed): boolean => entry?.type === structures.output;
export const isReroute = ({ entry }: Placed): boolean => entry?.type === structures.reroute;
export const isNote = ({ entry }: Placed): boolean => entry?.type === structures.note;

/** "Predict (7/3)" */
export const named = ({ title, path }: Placed): string => `${title} (${path})`;

/** Puts a graph and all inside it in place; problems of dead nodes (muted, bypassed or within such) do not count. */
export function place(graph: Graph, registry: Registry, problems: GraphError[], outer?: Placed): Scope {
  const loop = outer && (isLoop(outer) ? outer : outer.scope.loop);
  const nodes = new Map<number, Placed>();
  const [inputs, outputs] = [new Map<string, Placed>(), new Map<string, Placed>()];
  const links = straightened(graph);
  const wires = new Map(links.map((link) => [`${link.to} ${link.input}`, link]));
  const path = outer?.path ?? "";
  const scope: Scope = { path, nodes, wires, inputs, outputs, ...(outer && { outer }), ...(loop && { loop }) };
  for (const node of graph.nodes) {
    const placed = placeNode(node, scope, registry, problems);
    nodes.set(node.id, placed);
    const ofGraph = isGraphInput(placed) ? inputs : isGraphOutput(placed) ? outputs : undefined;
    if (ofGraph) nameInGraph(placed, ofGraph, problems);
  }
  for (const link of links) checkLink(link, scope, problems);
  return scope;
}

function placeNode(node: GraphNode, scope: Scope, registry: Registry, problems: GraphError[]): Placed {
  const path = pathOf(scope.path, node.id);
  const entry = own(registry, node.type);
  const ports = portsOf(node, registry);
  const placed: Placed & { inner?: Scope } = {
    path,
    title: oneLine(node.title ?? entry?.title ?? node.type, 60),
    node,
    scope,
    entry,
    inputs: new Map(Object.entries(ports?.inputs ?? {})) as ReadonlyMap<string, Port>,
    outputs: new Map(Object.entries(ports?.outputs ?? {})) as ReadonlyMap<string, Port>,
    alive: offOf(node) === undefined && (scope.outer?.alive ?? true),
  };
  if (!entry && placed.alive) problems.push(unknownType(placed));
  if (holdsGraph(node) && entry) {
    if (!node.inner && placed.alive)
      problems.push(new GraphError(`${placed.title} has no graph inside`, undefined, path));
    placed.inner = place(node.inner ?? emptyGraph, registry, problems, placed);
  }
  return placed;
}

function nameInGraph(placed: Placed, named: Map<string, Placed>, problems: GraphError[]): void {
  const name = borderName(placed.node);
  const owned = ownedProblem(placed, name);
  if (owned !== undefined) problems.push(new GraphError(owned, "name", placed.path));
  else if (name === "") problems.push(new GraphError(`${placed.title} has no name`, "name", placed.path));
  else if (named.has(name))
    problems.push(new GraphError(`There is another "${name}" in this graph`, "name", placed.path));
  else named.set(name, placed);
}

function ownedProblem(placed: Placed, name: string): string | undefined {
  const { outer } = placed.scope;
  if (!outer?.alive || !outer.entry || !isStructure(outer.entry)) return undefined;
  if (isGraphOutput(placed)) return ownedOutputProblem(outer.entry, name);
  return ownedInputProblem(outer.entry, name, placed.outputs.get(graphSlot)?.kind ?? "");
}

/** A link must leave a port that is there, enter one that is there, and join equal kinds. */
function checkLink({ from, output, to, input }: GraphLink, { nodes, outer }: Scope, problems: GraphError[]): void {
  const [origin, target] = [nodes.get(from), nodes.get(to)];
  if (!origin || !target) {
    const at = (origin ?? target)?.path;
    problems.push(
      new GraphError(`A link joins ${from} "${output}" and ${to} "${input}", but one is missing`, input, at),
    );
    return;
  }
  const alive = outer?.alive ?? true;
  if (!alive || !origin.entry || !target.entry || isMuted(origin.node) || isMuted(target.node)) return;
  if (isReroute(origin) || isReroute(target)) return;
  const leaving = portNamed(origin.outputs, output, isGraphInput(origin));
  const entering = portNamed(target.inputs, input, isGraphOutput(target));
  const problem = (message: string) => problems.push(new GraphError(message, input, target.path));
  if (!leaving) problems.push(noOutput(origin, output));
  if (!entering) problem(`${target.title} has no input "${input}"${offered(target.inputs)}`);
  if (leaving && entering && !kindFits(leaving.kind, entering.kind))
    problem(`It takes ${entering.kind.replace(",", " or ")}, but "${output}" of ${named(origin)} is ${leaving.kind}`);
}

export const unknownType = ({ node, path }: Placed): GraphError =>
  new GraphError(`The node type "${node.type}" is unknown here`, undefined, path);

export const noOutput = ({ title, outputs, path }: Placed, output: string): GraphError =>
  new GraphError(`${title} has no output "${output}"${offered(outputs)}`, output, path);

const portNamed = (ports: ReadonlyMap<string, Port>, name: string, onlyOne: boolean): Port | undefined =>
  ports.get(onlyOne ? graphSlot : name);

const offered = (ports: ReadonlyMap<string, Port>): string =>
  ports.size > 0 ? `: it has ${[...ports.keys()].slice(0, 20).join(", ")}` : "";
