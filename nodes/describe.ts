/** Definitions as data, for `GET /api/nodes`, the editor and the node reference. */
import type { Kind, Meaning } from "./kinds.ts";
import { isStructure, type Registry } from "./node.ts";
import type { Parameter, Ports } from "./port.ts";

export interface PortDescription {
  readonly name: string;
  readonly kind: Kind;
  readonly optional: boolean;
  readonly help?: string;
  readonly meaning?: Meaning;
  readonly parameter?: Parameter;
}

export interface NodeDescription {
  readonly type: string;
  readonly version: number;
  readonly title: string;
  readonly category: string;
  readonly description: string;
  readonly equation?: string;
  readonly reference?: string;
  /** Dissolved by the planner. What holds a graph has that graph's ports too, a reroute one of any kind on each side. */
  readonly structure: boolean;
  /** Shows or saves. */
  readonly effect: boolean;
  /** Tells numbers of all pictures of a run. */
  readonly measures: boolean;
  readonly inputs: readonly PortDescription[];
  readonly outputs: readonly PortDescription[];
  /** What a structure supplies to its inner graph. */
  readonly gives: readonly PortDescription[];
}

/** In the registry's order, which is the palette's. */
export function describeNodes(registry: Registry): readonly NodeDescription[] {
  return Object.values(registry).map((entry) => {
    const { type, version, title, category, description, equation, reference } = entry;
    return {
      ...{ type, version, title, category, description },
      ...(equation && { equation }),
      ...(reference && { reference }),
      structure: isStructure(entry),
      effect: !isStructure(entry) && entry.effect === true,
      measures: !isStructure(entry) && entry.conclude !== undefined,
      inputs: describePorts(entry.inputs),
      outputs: describePorts(entry.outputs),
      gives: isStructure(entry) ? describePorts(entry.gives) : [],
    };
  });
}

const describePorts = (ports: Ports): PortDescription[] =>
  Object.entries(ports).map(([name, port]) => ({ name, ...port }));
