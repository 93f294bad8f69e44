/**
 * The ports of a node: its definition's, or those of the graph inside it. A definition is only looked at, so this folder
 * describes what it looks for and imports none; the registry of nodes/ fits.
 */
import { straightened } from "./reroute.ts";
import { anyKind, graphSlot, holdsGraph, structures } from "./structures.ts";
import { type Graph, type GraphNode, own } from "./types.ts";

export type Definitions = Readonly<Record<string, Definition>>;

/** A node definition, or one of the structures, which `gives` tells from it. */
export interface Definition {
  readonly version: number;
  readonly title: string;
  readonly inputs: Readonly<Record<string, PortShape>>;
  readonly outputs?: Readonly<Record<string, PortShape>>;
  /** What a structure supplies to the graph inside it. */
  readonly gives?: Readonly<Record<string, PortShape>>;
  /** By the version before: what its parameters are called since. */
  readonly migrations?: Readonly<Record<number, { readonly inputs?: Readonly<Record<string, string>> }>>;
}

/** What the parameter of a definition is called today that some version of it called so. */
export function nowCalled(name: string, { inputs, version, migrations = {} }: Definition): string {
  let called = name;
  for (let from = 1; from < version && own(inputs, called) === undefined; from++)
    called = own(migrations[from]?.inputs, called) ?? called;
  return called;
}

export interface PortShape {
  readonly kind: string;
  readonly optional: boolean;
  readonly help?: string;
  readonly parameter?: ParameterShape;
}

export interface ParameterShape {
  readonly default: number | string | boolean;
  readonly min?: number;
  readonly max?: number;
  readonly integer?: boolean;
  readonly choices?: readonly string[];
  readonly seed?: boolean;
  /** It holds the SHA-256 of the file that the parameter of this name names. */
  readonly pins?: string;
}

export interface NodePorts {
  readonly inputs: Readonly<Record<string, PortShape>>;
  readonly outputs: Readonly<Record<string, PortShape>>;
}

/** Which port of the node around it a graph input or output is. */
export const borderName = ({ properties }: GraphNode): string => String(own(properties, "name") ?? "");

/**
 * Ports by name, in order; undefined for an unknown type. A subgraph has its inner graph's, a loop those and its own,
 * without what it gives inside.
 */
export function portsOf(node: GraphNode, definitions: Definitions): NodePorts | undefined {
  const definition = own(definitions, node.type);
  if (!definition) return undefined;
  if (node.type === structures.input) return { inputs: {}, outputs: { [graphSlot]: declared(node) } };
  if (node.type === structures.output) return { inputs: { [graphSlot]: declared(node) }, outputs: {} };
  if (node.type === structures.reroute) return { inputs: carried(node), outputs: carried(node) };
  const { gives, outputs = {} } = definition;
  if (!gives) return { inputs: withTyped(definition.inputs, node), outputs };
  const inputs = node.type === structures.differentiate ? withEnds(definition.inputs, node.inner) : definition.inputs;
  const entering = graphPorts(node.inner, structures.input).filter(([name]) => own(gives, name) === undefined);
  const promoted = entering.map(([name, input]) => [name, promotedPort(node, input, definitions)]);
  const leaving = graphPorts(node.inner, structures.output).map(([name, output]) => [name, declared(output)]);
  // Its own come first, and win where an inner input has the name of one; the planner refuses one that means another thing.
  return {
    inputs: { ...inputs, ...Object.fromEntries(promoted), ...inputs },
    outputs: { ...outputs, ...Object.fromEntries(leaving), ...outputs },
  };
}

/** What a Differentiate may be `of`, and `by`, is chosen from the tensors that leave its graph, and that enter it. */
function withEnds(inputs: NodePorts["inputs"], inner: Graph | undefined): NodePorts["inputs"] {
  const chosen = (name: "of" | "by", type: string): NodePorts["inputs"] => {
    const choices = graphPorts(inner, type).flatMap(([port, node]) => (declared(node).kind === "tensor" ? [port] : []));
    const { parameter, ...port } = inputs[name];
    return { [name]: { ...port, ...(parameter && { parameter: { ...parameter, choices } }) } };
  };
  return { ...inputs, ...chosen("of", structures.output), ...chosen("by", structures.input) };
}

/** One input port, without working out the others: what follows a wire through nested graphs asks for this. */
function inputPort(node: GraphNode, name: string, definitions: Definitions): PortShape | undefined {
  const defined = own(own(definitions, node.type)?.inputs, name);
  const promoted = defined ? undefined : graphPorts(node.inner, structures.input).find(([port]) => port === name);
  if (promoted) return promotedPort(node, promoted[1], definitions);
  return defined && typedPort(defined, name, node);
}

const graphPorts = (graph: Graph | undefined, type: string): [string, GraphNode][] =>
  (graph?.nodes ?? []).filter((node) => node.type === type).map((node) => [borderName(node), node]);

/** A graph input or output declares its kind; in a file by other hands only its slot may say it. */
function declared(node: GraphNode): PortShape {
  const slot = node.outputs[0] ?? node.inputs[0];
  return { kind: String(own(node.properties, "kind") ?? slot?.type ?? ""), optional: true };
}

/** A reroute's slots say what passes through it now. */
function carried({ outputs, inputs }: GraphNode): NodePorts["inputs"] {
  const { type } = outputs[0] ?? inputs[0] ?? {};
  return { [graphSlot]: { kind: type ? String(type) : anyKind, optional: true } };
}

/** What is typed where nothing else is, by the kinds that can be typed. */
const blank: Readonly<Record<string, ParameterShape["default"]>> = {
  number: 0,
  "number,tensor": 0,
  text: "",
  boolean: false,
};

/** What a port that is no parameter may be given by hand in a wire's place; undefined for a kind that only a wire brings. */
export const blankFor = ({ kind, parameter }: PortShape): ParameterShape["default"] | undefined =>
  parameter ? undefined : own(blank, kind);

/** Whether `--set` and its like may set it: a parameter, and what can be typed of all that enters an inner graph. */
export const isSettable = (node: GraphNode, port: PortShape): boolean =>
  port.parameter !== undefined || (holdsGraph(node) && blankFor(port) !== undefined);

/** A port for which a value is set in place of a wire is a parameter as long as it is. */
function typedPort(port: PortShape, name: string, { properties }: GraphNode): PortShape {
  const value = blankFor(port);
  if (value === undefined || own(properties, name) === undefined) return port;
  return { ...port, parameter: { default: value } };
}

function withTyped(inputs: NodePorts["inputs"], node: GraphNode): NodePorts["inputs"] {
  const typed = Object.entries(inputs).map(([name, port]) => [name, typedPort(port, name, node)] as const);
  return typed.some(([name, port]) => port !== inputs[name]) ? Object.fromEntries(typed) : inputs;
}

/** A graph input wired to a parameter is that parameter on the outer node, at any depth; so is one for which that has a value. */
function promotedPort(outer: GraphNode, input: GraphNode, definitions: Definitions): PortShape {
  const { inner: graph } = outer;
  const port = declared(input);
  for (const link of graph ? straightened(graph) : []) {
    const target = link.from === input.id ? graph?.nodes.find(({ id }) => id === link.to) : undefined;
    const wired = target && inputPort(target, link.input, definitions);
    if (!wired?.parameter) continue;
    const value = (own(target?.properties, link.input) ?? wired.parameter.default) as ParameterShape["default"];
    return { ...port, ...(wired.help && { help: wired.help }), parameter: { ...wired.parameter, default: value } };
  }
  return typedPort(port, borderName(input), outer);
}
