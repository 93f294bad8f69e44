/** What the server says can be put on a canvas: looked up by type. */
import type { Definition, Definitions, PortShape } from "../../graphs/document/index.ts";
import type { NodeDescription, PortDescription } from "../../nodes/describe.ts";

export interface Catalogue {
  /** In the palette's order. */
  readonly nodes: readonly NodeDescription[];
  readonly byType: ReadonlyMap<string, NodeDescription>;
  /** The same, as graphs/document asks for ports. */
  readonly definitions: Definitions;
}

export function catalogueOf(nodes: readonly NodeDescription[]): Catalogue {
  const byType = new Map(nodes.map((node) => [node.type, node]));
  return { nodes, byType, definitions: Object.fromEntries(nodes.map((node) => [node.type, definitionOf(node)])) };
}

function definitionOf({ version, title, inputs, outputs, gives, structure }: NodeDescription): Definition {
  const shared = { version, title, inputs: portsByName(inputs), outputs: portsByName(outputs) };
  return structure ? { ...shared, gives: portsByName(gives) } : shared;
}

const portsByName = (ports: readonly PortDescription[]): Record<string, PortShape> =>
  Object.fromEntries(ports.map(({ name, ...port }) => [name, port]));
