/**
 * The forward process, respaced, and its numbers by step: the reference's `GaussianDiffusion.__init__` and
 * `SpacedDiffusion`. Everything is float64.
 */
import { betas, type NoiseSchedule } from "./betas.ts";
import { exp, log } from "./elementary.ts";
import { alphaBarOf, lambda, timestepOf } from "./noise-levels.ts";
import { spaceTimesteps } from "./space-timesteps.ts";
import { type Process, stepAt, stepsAlong } from "./step.ts";
import type { Schedule, StepMeasure } from "./types.ts";

export interface ScheduleOptions {
  readonly noiseSchedule?: NoiseSchedule;
  /** Steps of the full process, T. */
  readonly diffusionSteps?: number;
  /** "" for every step, "ddim25", "250", "10,15,20", "karras18", "lambda20" … */
  readonly timestepRespacing?: string;
  /** Networks are given t·1000/T. */
  readonly rescaleTimesteps?: boolean;
  /** Without a learned variance, use β̃ₜ rather than βₜ. */
  readonly sigmaSmall?: boolean;
}

/** Throws a RangeError for a respacing that cannot be made, or when a β leaves (0, 1]. */
export function schedule({
  noiseSchedule = "linear",
  diffusionSteps = 1000,
  timestepRespacing = "",
  rescaleTimesteps = false,
  sigmaSmall = false,
}: ScheduleOptions = {}): Schedule {
  if (!Number.isInteger(diffusionSteps) || diffusionSteps < 1)
    throw new RangeError(`Cannot make a process of ${diffusionSteps} steps: give a whole number from 1`);
  const spaced = spaceTimesteps(diffusionSteps, timestepRespacing);
  const full = betas(noiseSchedule, diffusionSteps);
  const outside = full.findIndex((beta) => !(beta > 0 && beta <= 1));
  if (outside >= 0)
    throw new RangeError(
      `Cannot make a ${noiseSchedule} process of ${diffusionSteps} steps: β of step ${outside} would be ${full[outside]}, outside (0, 1]; use more diffusion_steps`,
    );
  const alphaBar = products(full);
  const timesteps = spaced(alphaBar);
  const scale = rescaleTimesteps ? 1000 / diffusionSteps : 1;
  const process = { ...respaced(alphaBar, timesteps), timesteps, scale, sigmaSmall, full: alphaBar };
  const key = JSON.stringify({
    noiseSchedule,
    diffusionSteps,
    timesteps: timestepRespacing,
    rescaleTimesteps,
    sigmaSmall,
  });
  return {
    key,
    count: timesteps.length,
    timesteps,
    indexOf: (measure, value) => indexOf(process, measure, value),
    at: (index) => stepAt(process, index),
    along: (indices, within) =>
      stepsAlong(timesteps.length, (index, route) => stepAt(process, index, route), indices, within),
  };
}

/** β of the kept steps from ratios of ᾱ: Nichol and Dhariwal 2021 (arXiv:2102.09672), eq. 19. */
function respaced(full: Float64Array, timesteps: readonly number[]): Pick<Process, "beta" | "alphaBar"> {
  const kept = timesteps.map((t) => alphaBarOf(full, t));
  const beta = Float64Array.from(kept, (alphaBar, i) => 1 - alphaBar / (i ? kept[i - 1] : 1));
  return { beta, alphaBar: products(beta) };
}

function indexOf({ timesteps, full }: Process, measure: StepMeasure, value: number): number {
  const [first, last] = [timesteps[0], timesteps[timesteps.length - 1]];
  if (measure === "index") return value;
  const measured = measures[measure];
  const t = measured.timestep(full, value);
  const ends = [first, last].map((t) => measured.of(full, t));
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  // A number that was read off a step, and rounded, still finds it; what is no number of the measure has no timestep.
  const near = (end: number) => 1e-6 * Math.abs(end);
  if (Number.isNaN(t) || !(value >= low - near(low) && value <= high + near(high)))
    throw new RangeError(
      `Cannot take a step at ${measure} ${value}: the schedule goes from ${short(low)} to ${short(high)}`,
    );
  const within = Math.min(last, Math.max(first, t));
  const after = timesteps.findIndex((row) => row >= within);
  if (after <= 0) return 0;
  const [before, next] = [timesteps[after - 1], timesteps[after]];
  return after - 1 + (within - before) / (next - before);
}

const short = (value: number): string => String(Number(value.toPrecision(6)));

const measures = {
  t: { of: (_, t) => t, timestep: (_, t) => t },
  lambda: { of: (full, t) => lambda(alphaBarOf(full, t)), timestep: timestepOf },
  noise_level: {
    of: (full, t) => exp(-lambda(alphaBarOf(full, t))),
    timestep: (full, value) => (value > 0 ? timestepOf(full, -log(value)) : Number.NaN),
  },
} satisfies Readonly<
  Record<
    Exclude<StepMeasure, "index">,
    { of(full: Float64Array, t: number): number; timestep(full: Float64Array, value: number): number }
  >
>;

/** ᾱₜ = (1 − β₁) … (1 − βₜ). */
function products(beta: Float64Array): Float64Array {
  let product = 1;
  return beta.map((beta) => {
    product *= 1 - beta;
    return product;
  });
}
