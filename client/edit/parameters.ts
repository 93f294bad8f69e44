/** The parameters of a node that are no slots, as a person reads and turns them. */
import { type Graph, type GraphNode, own, type PortShape } from "../../graphs/document/index.ts";
import { isNumeric } from "../../nodes/kinds.ts";
import type { Parameter } from "../../nodes/port.ts";

export interface ShownParameter {
  readonly name: string;
  readonly kind: string;
  readonly parameter: Parameter;
  readonly value: unknown;
  /** The value as it is read by a person: "from the model" of an empty one, "star". */
  readonly shown: string;
}

/** `isSlot`: which of them are left out; absent, what has a slot, be it wired or not. */
export function parametersOf(
  node: GraphNode,
  ports: Readonly<Record<string, PortShape>>,
  isSlot = (name: string) => node.inputs.some((slot) => slot.name === name),
): ShownParameter[] {
  return Object.entries(ports).flatMap(([name, { kind, parameter }]): ShownParameter[] => {
    if (!parameter || isSlot(name)) return [];
    const value = own(node.properties, name) ?? parameter.default;
    return [{ name, kind, parameter, value, shown: shownValue(value, parameter) }];
  });
}

function shownValue(value: unknown, { file, empty }: ShownParameter["parameter"]): string {
  if (value === "" && file) return "choose a file";
  if (value === "" && empty !== undefined) return empty;
  return typeof value === "number" ? String(Number(value.toPrecision(12))) : String(value);
}

/** Between what a value lies, where there is a range worth drawing. */
export function rangeOf({
  parameter: { min, max },
  kind,
}: Pick<ShownParameter, "parameter" | "kind">): [number, number] | undefined {
  return isNumeric(kind) && min !== undefined && max !== undefined && max - min <= 1000 ? [min, max] : undefined;
}

/** A number without a range, so many steps on: whole ones by one, others by a hundredth of their size in a round number. */
export function steppedBy({ parameter, value }: Pick<ShownParameter, "parameter" | "value">, steps: number): number {
  const now = Number(value);
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY, integer } = parameter;
  const size = Math.max(Math.abs(now), 1e-6);
  const step = integer ? 1 : now === 0 ? 0.01 : 10 ** (Math.floor(Math.log10(size)) - 1);
  return Math.max(min, Math.min(max, Number((now + steps * step).toPrecision(12))));
}

/** Those that no wire brings: where a slot has no wire, what is typed counts. */
export function typedOf(
  { links }: Graph,
  node: GraphNode,
  ports: Readonly<Record<string, PortShape>>,
): ShownParameter[] {
  const wired = new Set(links.flatMap(({ to, input }) => (to === node.id ? [input] : [])));
  return parametersOf(node, ports, (name) => wired.has(name));
}
