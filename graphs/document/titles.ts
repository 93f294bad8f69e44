/** A document's nodes by title and by path; setting parameters changes neither. */
import type { Definitions } from "./ports.ts";
import { type Graph, type GraphDocument, type GraphNode, own, pathOf } from "./types.ts";

export interface Found {
  readonly path: string;
  readonly title: string;
  /** Its inputs that a wire supplies. */
  readonly wired: ReadonlySet<string>;
}

export class Titles {
  readonly #called = new Map<string, Found[]>();
  readonly nodes: readonly Found[];

  constructor(document: GraphDocument, definitions: Definitions) {
    const nodes = nodesOf(document, "", definitions);
    this.nodes = nodes;
    for (const found of nodes) for (const name of new Set([found.title, found.path])) this.#add(name, found);
  }

  #add(name: string, found: Found): void {
    const others = this.#called.get(name);
    if (others) others.push(found);
    else this.#called.set(name, [found]);
  }

  get all(): readonly string[] {
    return this.nodes.map(({ title }) => title);
  }

  called(name: string): readonly Found[] {
    return this.#called.get(name) ?? [];
  }
}

const unwired: ReadonlySet<string> = new Set();

function nodesOf(graph: Graph, outer: string, definitions: Definitions): Found[] {
  const wired = new Map<number, Set<string>>();
  for (const { to, input } of graph.links) {
    const inputs = wired.get(to);
    if (inputs) inputs.add(input);
    else wired.set(to, new Set([input]));
  }
  return graph.nodes.flatMap((node): Found[] => {
    const path = pathOf(outer, node.id);
    const title = node.title ?? own(definitions, node.type)?.title ?? node.type;
    const found = { path, title, wired: wired.get(node.id) ?? unwired };
    return [found, ...(node.inner ? nodesOf(node.inner, path, definitions) : [])];
  });
}

/** The node at a path that the document has. */
export function nodeAt(document: GraphDocument, path: string): GraphNode {
  const node = placeAt(document, path);
  if (!node) throw new Error(`There is no node ${path}`);
  return node;
}

/** The node at a path, if there is one. */
export function placeAt(document: GraphDocument, path: string): GraphNode | undefined {
  let [graph, node]: [Graph | undefined, GraphNode | undefined] = [document, undefined];
  for (const id of path.split("/").map(Number)) {
    node = graph?.nodes.find((node) => node.id === id);
    graph = node?.inner;
  }
  return node;
}
