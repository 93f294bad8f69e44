/** How numbers of a loop's steps are told to a person, before it runs. */
import type { Step } from "../../diffusion/index.ts";
import { type StepNumber, stepNumbers } from "./step-measures.ts";

export const shown = (value: number): string => String(Number(value.toPrecision(4)));

/** "t goes from 996 to 0 there" */
export function rangeAlong(name: StepNumber, steps: readonly Step[]): string {
  const [first, last] = [steps[0], steps[steps.length - 1]].map(stepNumbers[name]);
  return `${name} goes from ${shown(first)} to ${shown(last)} there`;
}
