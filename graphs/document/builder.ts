/** Documents made in code: the examples, the graph that `sample` stands for, tests. */
import { contentHash } from "./hash.ts";
import { laidOut } from "./layout.ts";
import { newNode } from "./new-node.ts";
import { listed } from "./offers.ts";
import { parameterProblem } from "./parameter-problem.ts";
import { type Definitions, portsOf } from "./ports.ts";
import { withRerouteKinds } from "./reroute.ts";
import { anyKind, graphSlot, kindFits, structures } from "./structures.ts";
import { type About, type Graph, type GraphDocument, type GraphLink, type GraphNode, own } from "./types.ts";

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
   * an unknown type or input, for a value that its parameter cannot have, and for a wire of another kind than its input's.
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
  /** Wires an input of a node that was added before (a cycle cannot be built without). Throws a RangeError as `add` does. */
  connect(wire: Wire, to: Added, input: string): void;
  /** The graph so far, laid out from left to right. */
  graph(about?: Omit<About, "versions">): Graph;
}

export interface InnerBuilder extends LevelBuilder {
  /** An input of the graph; in a loop, `step` is given by the loop, and one named like an output is carried. */
  input(name: string, kind: string): Wire;
  output(name: string, kind: string, wire: Wire): void;
}

export interface BuilderOptions {
  /** Values and wires are taken as they come, for whoever plans the document to say what is wrong with them. */
  readonly unchecked?: boolean;
}

/** Starts a document. `definitions` is the registry: it has the ports, their kinds, defaults and versions. */
export function documentBuilder(
  definitions: Definitions,
  about: Omit<About, "versions"> = {},
  options: BuilderOptions = {},
): DocumentBuilder {
  const builder = innerBuilder(definitions, options);
  return { ...builder, document: () => builder.graph(about) };
}

export interface DocumentBuilder extends InnerBuilder {
  document(): GraphDocument;
}

function innerBuilder(definitions: Definitions, options: BuilderOptions): InnerBuilder {
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
    if (!options.unchecked) checkValues(node, Object.fromEntries(set), definitions);
    nodes.push(node);
    for (const { input, value } of wires) link(value, id, input);
    const outputs = node.outputs.map(({ name }) => name);
    return {
      id,
      out(name) {
        if (outputs.includes(name)) return new Wire(id, name);
        throw new RangeError(`${titleOf(node, definitions)} has no output "${name}"${listed(name, outputs)}`);
      },
    };
  }

  function link({ node, output }: Wire, to: number, input: string): void {
    if (!options.unchecked) checkKinds(node, output, to, input);
    links.push({ id: links.length + 1, from: node, output, to, input });
  }

  function checkKinds(from: number, output: string, to: number, input: string): void {
    const [source, reader] = [nodes[from - 1], nodes[to - 1]];
    const gives = own(portsOf(source, definitions)?.outputs, output)?.kind ?? anyKind;
    const takes = own(portsOf(reader, definitions)?.inputs, input)?.kind ?? anyKind;
    if (gives === anyKind || takes === anyKind || kindFits(gives, takes)) return;
    const [by, at] = [source, reader].map((node) => titleOf(node, definitions));
    throw new RangeError(
      `Cannot wire "${output}" of ${by} to "${input}" of ${at}: it is of kind ${gives}, not ${takes}`,
    );
  }

  function nested(type: string, title: string, given: Given, build: (inner: InnerBuilder) => void): Added {
    const inner = innerBuilder(definitions, options);
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
      if (kind === undefined) {
        const names = Object.keys(portsOf(node, definitions)?.inputs ?? {});
        throw new RangeError(
          `Cannot connect: ${titleOf(node, definitions)} has no input "${input}"${listed(input, names)}`,
        );
      }
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

const titleOf = ({ title, type }: GraphNode, definitions: Definitions): string => title ?? definitions[type].title;

/** Throws a RangeError for a value that its parameter cannot have. */
function checkValues(node: GraphNode, set: GraphNode["properties"], definitions: Definitions): void {
  const { inputs = {} } = portsOf(node, definitions) ?? {};
  for (const [name, value] of Object.entries(set)) {
    const port = own(inputs, name);
    const problem = port?.parameter && parameterProblem(port, value);
    if (problem !== undefined)
      throw new RangeError(`Cannot add ${titleOf(node, definitions)}: ${problem.replace("It", `"${name}"`)}`);
  }
}

const versionsOf = (nodes: readonly GraphNode[], definitions: Definitions): Record<string, number> =>
  Object.fromEntries(nodes.map(({ type }) => [type, definitions[type].version]));
