/** What a plan says of its values before it is traced. */
import {
  bodyOf,
  endsOf,
  type LoopStep,
  outputKey,
  outputsOf,
  type PlanStep,
  type Source,
  type StepOutput,
  sourcesOf,
} from "../executor/index.ts";

/** What is read of other steps, by `outputKey`. */
export const readsIn = (step: PlanStep): string[] => [
  ...sourcesOf(step).flatMap((source) => ("from" in source ? [outputKey(source.from, source.output)] : [])),
  ...bodyOf(step).flatMap(readsIn),
];

/** What is known of a value. */
export type Told = Pick<StepOutput, "kind" | "facts">;

/** What is known of outputs, of those of loops too, by `outputKey`. */
export function toldIn(step: PlanStep): (readonly [string, Told])[] {
  if (step.is !== "loop") return outputsOf(step).map((one) => [outputKey(one.from, one.output), one]);
  const inside = bodyOf(step).flatMap(toldIn);
  return [...inside, ...toldOfEnds(step, new Map(inside))];
}

/** What a loop gives is as what comes of its body: a value that was carried under another name is like that one. */
function toldOfEnds(step: LoopStep, inside: ReadonlyMap<string, Told>): (readonly [string, Told])[] {
  const ofEnd = (end: Source, seen: readonly string[] = []): Told | undefined => {
    if ("from" in end) return inside.get(outputKey(end.from, end.output));
    if (!("given" in end) || end.by !== step.path || seen.includes(end.given)) return undefined;
    const carried = step.carried[end.given];
    return carried && ofEnd(carried.next, [...seen, end.given]);
  };
  return endsOf(step).flatMap(([name, end]) => {
    const told = ofEnd(end);
    return told === undefined ? [] : [[outputKey(step.path, name), told] as const];
  });
}
