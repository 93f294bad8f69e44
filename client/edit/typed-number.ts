/** A number that a person types for a parameter: taken as it is said, or refused with the range it may have; never another one. */
import { parameterProblem } from "../../graphs/document/index.ts";
import type { Parameter } from "../../nodes/port.ts";
import { readNumber } from "./expression.ts";

interface Wanted {
  readonly kind: string;
  readonly parameter: Parameter;
}

export function readTyped(
  { kind, parameter }: Wanted,
  text: string,
): { readonly value: number } | { readonly problem: string } {
  const value = readNumber(text.trim());
  const problem = parameterProblem({ kind: kind as "number", parameter }, value ?? text.trim());
  return problem === undefined ? { value: value as number } : { problem };
}

/** The nearest that it may have, of one that is turned. */
export function inRange({ parameter: { min, max, integer } }: Wanted, number: number): number {
  const near = Math.min(max ?? Number.POSITIVE_INFINITY, Math.max(min ?? Number.NEGATIVE_INFINITY, number));
  return integer ? Math.round(near) : Number(near.toPrecision(12));
}
