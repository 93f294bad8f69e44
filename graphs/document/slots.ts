/**
 * A node's slots follow from its ports: one for each, in their order; for a parameter only where it was made an input. This is
 * the one place that says so, for files, for edits and for the slots of a litegraph page.
 */
import type { NodePorts, PortShape } from "./ports.ts";
import type { GraphLink, GraphNode, Slot } from "./types.ts";

/** Either side of a node. */
export type SlotSide = "inputs" | "outputs";

type Ports = NodePorts[SlotSide];

interface Arranged<S> {
  /** The slots there are; one keeps what it has beside name and kind. */
  readonly stored: readonly S[];
  /** Whether a parameter was made an input; `slot` is the stored one of its name. */
  readonly isInput: (name: string, slot: S | undefined) => boolean;
  /** Whether a slot that no port has stays, after the others: while a wire hangs on it, so that the mistake is seen. */
  readonly isKept: (slot: S) => boolean;
  readonly slot: (name: string, port: PortShape, stored: S | undefined) => S;
}

/** Ports as slots of any make. */
export function arranged<S extends { readonly name: string }>(
  ports: Ports,
  { stored, isInput, isKept, slot }: Arranged<S>,
): S[] {
  const byName = new Map(stored.map((one) => [one.name, one]));
  const known = Object.entries(ports)
    .filter(([name, { parameter }]) => !parameter || isInput(name, byName.get(name)))
    .map(([name, port]) => slot(name, port, byName.get(name)));
  return [...known, ...stored.filter((one) => !Object.hasOwn(ports, one.name) && isKept(one))];
}

/** The slots of a new node; `inputs` are the parameters that are wired. */
export const slotsOf = (ports: Ports, inputs: readonly string[] = []): Slot[] =>
  arranged(ports, { stored: [], isInput: (name) => inputs.includes(name), isKept: () => false, slot: slotOf });

/** On which slots of a graph wires hang. */
export interface Wired {
  has(node: number, side: SlotSide, name: string): boolean;
}

export function wiredSlots(links: readonly GraphLink[]): Wired {
  const slots = new Set(
    links.flatMap(({ from, output, to, input }) => [`${from} outputs ${output}`, `${to} inputs ${input}`]),
  );
  return { has: (node, side, name) => slots.has(`${node} ${side} ${name}`) };
}

/**
 * A node with the slots that its ports have now. A parameter stays an input where it is one or is wired. A slot that no port
 * has any more is `kept` while a wire hangs on it, or `cut`, which leaves its wire loose.
 */
export function withPorts(node: GraphNode, ports: NodePorts, wired: Wired, strangers: "kept" | "cut"): GraphNode {
  const on = (side: SlotSide) =>
    arranged(ports[side], {
      stored: node[side],
      isInput: (name, slot) => slot !== undefined || wired.has(node.id, side, name),
      isKept: ({ name }) => strangers === "kept" && wired.has(node.id, side, name),
      slot: slotOf,
    });
  return { ...node, inputs: on("inputs"), outputs: on("outputs") };
}

const slotOf = (name: string, { kind }: PortShape, stored?: Slot): Slot => ({ ...stored, name, type: kind });

/** A node with a value for each of its parameters that no wire supplies: its own, else the default. */
export function withDefaults(node: GraphNode, ports: NodePorts, isWired: (name: string) => boolean): GraphNode {
  const defaults = Object.entries(ports.inputs).flatMap(([name, { parameter }]) =>
    parameter && !isWired(name) ? [[name, parameter.default]] : [],
  );
  return { ...node, properties: { ...Object.fromEntries(defaults), ...node.properties } };
}
