/** Steps of no process: how often a loop goes, and nothing of noise. */
import { type Route, stepsAlong } from "./step.ts";
import type { Coefficients, Schedule, Step } from "./types.ts";

/** So many steps, to be walked as the rows of a process are. What asks one of them for noise or a timestep gets a RangeError. */
export function countedSteps(count: number): Schedule {
  if (!Number.isInteger(count) || count < 1)
    throw new RangeError(`Cannot count ${count} steps: give a whole number from 1`);
  return {
    ...{ key: JSON.stringify({ counted: count }), count, timesteps: [] },
    indexOf: (measure, value) => {
      if (measure !== "index") throw lacking(measure);
      return value;
    },
    at: (index) => new CountedStep(count, index),
    along: (walk, within) => stepsAlong(count, (index, route) => new CountedStep(count, index, route), walk, within),
  };
}

const lacking = (what: string): RangeError =>
  new RangeError(`Cannot tell the ${what} of a counted step: only those of a Diffusion Schedule have one`);

/** What it lacks are getters of the class: a step that is printed or compared asks none of them. */
class CountedStep implements Step {
  readonly isCounted = true;
  readonly draw: number;
  readonly taken: number;
  readonly steps: number;
  readonly earlier = undefined;
  readonly later = undefined;

  constructor(
    readonly count: number,
    readonly index: number,
    { draw, taken, steps }: Route = {},
  ) {
    if (!(index >= 0 && index <= count - 1))
      throw new RangeError(`Cannot take step ${index}: there are steps 0 to ${count - 1}`);
    this.draw = draw ?? count - Math.floor(index);
    this.taken = taken ?? count - 1 - index;
    this.steps = steps ?? count;
  }

  get t(): number {
    throw lacking("t");
  }

  get modelT(): number {
    throw lacking("timestep");
  }

  get at(): Coefficients {
    throw lacking("noise");
  }
}
