/** A step of a plan, for whoever goes through one: what is inside it, what it reads, and what it leaves. */
import type { Port } from "../nodes/index.ts";
import type { LoopStep, Path, PlanStep, Source, StepOutput } from "./types.ts";

/** The steps inside a step. */
export const bodyOf = (step: PlanStep): readonly PlanStep[] => (step.is === "loop" ? [...step.once, ...step.each] : []);

/** The steps, and those inside them at any depth. */
export const everyStep = (steps: readonly PlanStep[]): readonly PlanStep[] =>
  steps.flatMap((step) => [step, ...everyStep(bodyOf(step))]);

/** What it reads by itself; steps inside it may read more. */
export function sourcesOf(step: PlanStep): readonly Source[] {
  if (step.is === "node") return Object.values(step.inputs);
  if (step.is === "drawn") return [step.by, ...step.outside.map(({ source }) => source)];
  const firsts = Object.values(step.carried).flatMap(({ first }) => first ?? []);
  return [step.schedule, step.order, step.start, step.stop, ...firsts, ...endsOf(step).map(([, end]) => end)];
}

/** What a loop leaves, by its name: what it carries, as the last step makes it, and other values of that step. */
export const endsOf = ({ carried, outputs }: LoopStep): readonly (readonly [name: string, end: Source])[] => [
  ...Object.entries(carried).map(([name, { next }]) => [name, next] as const),
  ...Object.entries(outputs),
];

/** What any other step leaves, with what is known of it; of a loop nothing. */
export function outputsOf(step: PlanStep): readonly StepOutput[] {
  if (step.is === "loop") return [];
  if (step.is === "drawn") return step.outputs;
  return Object.entries<Port>(step.definition.outputs).map(([output, { kind }]) => ({
    ...{ from: step.path, output, kind, facts: step.facts[output] ?? {} },
  }));
}

/** Tells an output of a plan from all others: no path has a space in it. */
export const outputKey = (path: Path, output: string): string => `${path} ${output}`;
