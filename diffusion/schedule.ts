/**
 * The forward process, respaced, and its numbers by step: the reference's `GaussianDiffusion.__init__` and
 * `SpacedDiffusion`. Everything is float64.
 */
import { betas, type NoiseSchedule } from "./betas.ts";
import { spaceTimesteps } from "./space-timesteps.ts";
import { type Process, stepAt, stepsAlong } from "./step.ts";
import type { Schedule } from "./types.ts";

export interface ScheduleOptions {
  readonly noiseSchedule?: NoiseSchedule;
  /** Steps of the full process, T. */
  readonly diffusionSteps?: number;
  /** "" for every step, "ddim25", "250", "10,15,20" … */
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
  const timesteps = spaceTimesteps(diffusionSteps, timestepRespacing);
  const full = betas(noiseSchedule, diffusionSteps);
  const outside = full.findIndex((beta) => !(beta > 0 && beta <= 1));
  if (outside >= 0)
    throw new RangeError(
      `Cannot make a ${noiseSchedule} process of ${diffusionSteps} steps: β of step ${outside} would be ${full[outside]}, outside (0, 1]; use more diffusion_steps`,
    );
  const scale = rescaleTimesteps ? 1000 / diffusionSteps : 1;
  const process = { ...respaced(full, timesteps), timesteps, scale, sigmaSmall };
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
    at: (index) => stepAt(process, index),
    along: (indices, turn) => stepsAlong(process, indices, turn),
  };
}

/** β of the kept steps from ratios of ᾱ: Nichol and Dhariwal 2021 (arXiv:2102.09672), eq. 19. */
function respaced(full: Float64Array, timesteps: readonly number[]): Pick<Process, "beta" | "alphaBar" | "full"> {
  const fullAlphaBar = products(full);
  const beta = Float64Array.from(timesteps, (t, i) => 1 - fullAlphaBar[t] / (i ? fullAlphaBar[timesteps[i - 1]] : 1));
  return { beta, alphaBar: products(beta), full: fullAlphaBar };
}

/** ᾱₜ = (1 − β₁) … (1 − βₜ). */
function products(beta: Float64Array): Float64Array {
  let product = 1;
  return beta.map((beta) => {
    product *= 1 - beta;
    return product;
  });
}
