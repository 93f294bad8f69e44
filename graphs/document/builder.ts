/** Documents made in code: the examples, the graph that `sample` stands for, tests. */
import { contentHash } from "./hash.ts";
import { laidOut } from "./layout.ts";
import { newNode } from "./new-node.ts";
import { type Definitions, portsOf } from "./ports.ts";
import { withRerouteKinds } from "./reroute.ts";
import { graphSlot, structures } from "./structures.ts";
import type { About, Graph, GraphDocument, GraphLink, GraphNode } from "./types.ts";

/** An output of a node that was added: what an input is given to be wired. */
export class Wire {
  constructor(
    readonly node: number,
    readonly output: string,
  ) {}
}

/** By the name of each input: the wire that enters it, or the parameter's value. */
export type Given = Readonly<Record<string, Wire | number | string | boolean>>;

export interface Added {
  readonly id: number;
  /** One of its outputs. Throws a RangeError when it has none of this name. */
  out(name: string): Wire;
}

export interface LevelBuilder {
  /**
   * Adds a node of a known type. Parameters that are not given are written with their defaults. Throws a RangeError for
   * an unknown type or input.
   */
  add(type: string, given?: Given, title?: string): Added;
  /** Adds a subgraph whose inside `build` makes. */
  subgraph(title: string, given: Given, build: (inner: InnerBuilder) => void): Added;
  /** Adds a Sampling Loop: the inside is one step. */
  loop(title: string, given: Given, build: (inner: InnerBuilder) => void): Added;
  /** Adds a Differentiate: `of` and `by` among what is given name an output and an input of its inside. */
  differentiate(title: string, given: Given, build: (inner: InnerBuilder) => void): Added;
  /** Adds a copy of a library graph, which remembers where it came from. */
  insert(
    library: Graph,
    from: { readonly name: string; readonly version: number },
    given: Given,
    title?: string,
  ): Added;
  /** Wires an input of a node that was added before (a cycle cannot be built without). */
  connect(wire: Wire, to: Added, input: string): void;
  /** The graph so far, laid out from left to right. */
  graph(about?: Omit<About, "versions">): Graph;
}

export interface InnerBuilder extends LevelBuilder {
  /** An input of the graph; in a loop, `step` is given by the loop, and one named like an output is carried. */
  input(name: string, kind: string): Wire;
  output(name: string, kind: string, wire: Wire): void;
}

/** Starts a document. `definitions` is the registry: it has the ports, their kinds, defaults and versions. */
export function documentBuilder(definitions: Definitions, about: Omit<About, "versions"> = {}): DocumentBuilder {
  const builder = innerBuilder(definitions);
  return { ...builder, document: () => builder.graph(about) };
}

export interface DocumentBuilder extends InnerBuilder {
  document(): GraphDocument;
}

function innerBuilder(definitions: Definitions): InnerBuilder {
  const nodes: GraphNode[] = [];
  const links: GraphLink[] = [];

  function addNode(type: string, given: Given, title?: string, inner?: Graph): Added {
    const id = nodes.length + 1;
    const wires = Object.entries(given).flatMap(([input, value]) => (value instanceof Wire ? [{ input, value }] : []));
    const set = Object.entries(given).flatMap(([name, value]) =>
      value instanceof Wire ? [] : [[name, value] as const],
    );
    const wired = wires.map(({ input }) => input);
    const node = newNode({ id, type, title, set: Object.fromEntries(set), wired, inner }, definitions);
    nodes.push(node);
    for (const { input, value } of wires) link(value, id, input);
    const outputs = node.outputs.map(({ name }) => name);
    return {
      id,
      out(name) {
        if (outputs.includes(name)) return new Wire(id, name);
        const called = node.title ?? definitions[type].title;
        throw new RangeError(`${called} has no output "${name}": it has ${outputs.join(", ")}`);
      },
    };
  }

  function link({ node, output }: Wire, to: number, input: string): void {
    links.push({ id: links.length + 1, from: node, output, to, input });
  }

  function nested(type: string, title: string, given: Given, build: (inner: InnerBuilder) => void): Added {
    const inner = innerBuilder(definitions);
    build(inner);
    return addNode(type, given, title, inner.graph());
  }

  return {
    add: (type, given = {}, title) => addNode(type, given, title),
    subgraph: (title, given, build) => nested(structures.subgraph, title, given, build),
    loop: (title, given, build) => nested(structures.loop, title, given, build),
    differentiate: (title, given, build) => nested(structures.differentiate, title, given, build),
    insert(library, { name, version }, given, title = library.about.title ?? name) {
      const from = { name, version, hash: contentHash(library) };
      return addNode(structures.subgraph, given, title, { ...library, about: { ...library.about, library: from } });
    },
    input: (name, kind) => addNode(structures.input, { name, kind }, name).out(graphSlot),
    output: (name, kind, wire) => link(wire, addNode(structures.output, { name, kind }, name).id, graphSlot),
    connect(wire, { id }, input) {
      const node = nodes[id - 1];
      const kind = portsOf(node, definitions)?.inputs[input]?.kind;
      if (kind === undefined) throw new RangeError(`Cannot connect: node ${id} has no input "${input}"`);
      if (!node.inputs.some(({ name }) => name === input))
        nodes[id - 1] = { ...node, inputs: [...node.inputs, { name: input, type: kind }] };
      link(wire, id, input);
    },
    graph: (about = {}) =>
      withRerouteKinds({
        nodes: laidOut(nodes, links),
        links: [...links],
        groups: [],
        about: { ...about, versions: versionsOf(nodes, definitions) },
      }),
  };
}

const versionsOf = (nodes: readonly GraphNode[], definitions: Definitions): Record<string, number> =>
  Object.fromEntries(nodes.map(({ type }) => [type, definitions[type].version]));
