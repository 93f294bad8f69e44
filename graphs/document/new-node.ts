import { noteSize, sizeFor } from "./layout.ts";
import { type Definitions, type NodePorts, portsOf } from "./ports.ts";
import { structures } from "./structures.ts";
import type { Graph, GraphNode, Slot } from "./types.ts";

export interface NewNode {
  readonly id: number;
  readonly type: string;
  readonly title?: string | undefined;
  /** Values by parameter, and the inputs that will be wired. */
  readonly set: Readonly<Record<string, number | string | boolean>>;
  readonly wired: readonly string[];
  readonly inner?: Graph | undefined;
}

/**
 * A node as its definition has it: a slot for every port and for each wired parameter, every other parameter with its
 * value or default, and room for all of it. Throws a RangeError for an unknown type or input.
 */
export function newNode(
  { id, type, title, set, wired, inner }: NewNode,
  definitions: Definitions,
): { readonly node: GraphNode; readonly ports: NodePorts; readonly name: string } {
  const definition = Object.hasOwn(definitions, type) ? definitions[type] : undefined;
  if (!definition) throw new RangeError(`Cannot add a node: the type "${type}" is unknown`);
  const name = title ?? definition.title;
  const bare: GraphNode = {
    ...{ id, type, mode: 0, properties: set, inputs: [], outputs: [], pos: [0, 0], size: [0, 0], look: {} },
    ...(title !== undefined && { title }),
    ...(inner && { inner }),
  };
  const ports = portsOf(bare, definitions) ?? { inputs: {}, outputs: {} };
  checkNames(name, type, [...Object.keys(set), ...wired], ports);
  const parameters = Object.entries(ports.inputs).filter(([port, { parameter }]) => parameter && !wired.includes(port));
  const defaults = Object.fromEntries(parameters.map(([port, { parameter }]) => [port, parameter?.default]));
  const properties = { ...defaults, ...set };
  const [inputs, outputs] = [slotsOf(ports.inputs, wired), slotsOf(ports.outputs, wired)];
  const widgets = parameters.map(([port]) => `${port}${properties[port]}`);
  const size = type === structures.note ? noteSize(`${properties.text}`) : sizeFor({ inputs, outputs }, name, widgets);
  return { node: { ...bare, properties, inputs, outputs, size }, ports, name };
}

/** A graph input or output is given its name and kind, which are no ports. */
function checkNames(title: string, type: string, names: readonly string[], { inputs }: NodePorts): void {
  if (type === structures.input || type === structures.output) return;
  const unknown = names.find((name) => !Object.hasOwn(inputs, name));
  if (unknown !== undefined) throw new RangeError(`Cannot add ${title}: it has no input "${unknown}"`);
}

const slotsOf = (ports: NodePorts["inputs"], wired: readonly string[]): Slot[] =>
  Object.entries(ports)
    .filter(([name, { parameter }]) => !parameter || wired.includes(name))
    .map(([name, { kind }]) => ({ name, type: kind }));
