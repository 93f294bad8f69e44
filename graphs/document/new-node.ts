import { noteSize, sizeFor } from "./layout.ts";
import { modes } from "./modes.ts";
import { likeTypes, listed } from "./offers.ts";
import { type Definitions, type NodePorts, portsOf } from "./ports.ts";
import { slotsOf, withDefaults } from "./slots.ts";
import { holdsGraph, isBorder, structures } from "./structures.ts";
import { emptyGraph, type Graph, type GraphNode, own } from "./types.ts";

export interface NewNode {
  readonly id: number;
  readonly type: string;
  readonly title?: string | undefined;
  /** Values by parameter; of a graph input or output its name and kind. */
  readonly set?: Readonly<Record<string, number | string | boolean>>;
  /** The inputs that will be wired: parameters among them become slots. */
  readonly wired?: readonly string[];
  /** Absent: what holds a graph holds an empty one. */
  readonly inner?: Graph | undefined;
  readonly pos?: readonly [number, number];
}

/**
 * A node as its definition has it: a slot for every port and for each wired parameter, every other parameter with its
 * value or default, and room for all of it. Throws a RangeError for an unknown type or
 * input, and for a value where only a wire may enter.
 */
export function newNode(
  { id, type, title, set = {}, wired = [], inner, pos = [0, 0] }: NewNode,
  definitions: Definitions,
): GraphNode {
  const definition = own(definitions, type);
  if (!definition)
    throw new RangeError(
      `Cannot add a node: the type "${type}" is unknown${likeTypes(type, Object.keys(definitions))}`,
    );
  const name = title ?? definition.title;
  const bare: GraphNode = {
    ...{ id, type, mode: modes.runs, inputs: [], outputs: [], pos, size: [0, 0], look: {} },
    properties: isBorder({ type }) ? { name: "x", kind: "tensor", ...set } : set,
    ...(title !== undefined && { title }),
    ...(holdsGraph({ type }) && { inner: inner ?? emptyGraph }),
  };
  const ports = portsOf(bare, definitions) ?? { inputs: {}, outputs: {} };
  if (!isBorder({ type })) checkGiven(name, Object.keys(set), wired, ports);
  const slots = { inputs: slotsOf(ports.inputs, wired), outputs: slotsOf(ports.outputs) };
  const node = withDefaults({ ...bare, ...slots }, ports, (name) => wired.includes(name));
  const widgets = Object.keys(ports.inputs).filter((port) => !slots.inputs.some(({ name }) => name === port));
  const lines = widgets.map((port) => `${port}${node.properties[port]}`);
  const size = type === structures.note ? noteSize(`${node.properties.text}`) : sizeFor(node, name, lines);
  return { ...node, size };
}

function checkGiven(title: string, set: readonly string[], wired: readonly string[], { inputs }: NodePorts): void {
  const unknown = [...set, ...wired].find((name) => !Object.hasOwn(inputs, name));
  if (unknown !== undefined)
    throw new RangeError(`Cannot add ${title}: it has no input "${unknown}"${listed(unknown, Object.keys(inputs))}`);
  const untyped = set.find((name) => !inputs[name].parameter);
  if (untyped !== undefined)
    throw new RangeError(`Cannot add ${title}: "${untyped}" takes a ${inputs[untyped].kind}, so wire it`);
}
