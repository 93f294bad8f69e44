/**
 * The forward process, respaced, and its numbers by step: the reference's `GaussianDiffusion.__init__` and
 * `SpacedDiffusion`. Everything is float64.
 */
import { betas, type NoiseSchedule } from "./betas.ts";
import { log } from "./elementary.ts";
import { spaceTimesteps } from "./space-timesteps.ts";
import type { Coefficients, Schedule, Step } from "./types.ts";

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
  const rows = respaced(full, timesteps);
  const scale = rescaleTimesteps ? 1000 / diffusionSteps : 1;
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
    at: (index, next) => new RowStep({ rows, timesteps, scale, sigmaSmall }, index, next),
  };
}

/** β and ᾱ of each kept step. */
interface Rows {
  readonly beta: Float64Array;
  readonly alphaBar: Float64Array;
}

/** β of the kept steps from ratios of ᾱ: Nichol and Dhariwal 2021 (arXiv:2102.09672), eq. 19. */
function respaced(full: Float64Array, timesteps: readonly number[]): Rows {
  const fullAlphaBar = products(full);
  const beta = Float64Array.from(timesteps, (t, i) => 1 - fullAlphaBar[t] / (i ? fullAlphaBar[timesteps[i - 1]] : 1));
  return { beta, alphaBar: products(beta) };
}

/** ᾱₜ = (1 − β₁) … (1 − βₜ). */
function products(beta: Float64Array): Float64Array {
  let product = 1;
  return beta.map((beta) => {
    product *= 1 - beta;
    return product;
  });
}

interface Process {
  readonly rows: Rows;
  readonly timesteps: readonly number[];
  readonly scale: number;
  readonly sigmaSmall: boolean;
}

/** Neighbours are getters of the class, made when asked for: a step that is printed or compared shows itself alone. */
class RowStep implements Step {
  readonly count: number;
  readonly t: number;
  readonly modelT: number;
  readonly draw: number;
  readonly at: Coefficients;
  readonly #process: Process;
  readonly #next: number;

  constructor(
    process: Process,
    readonly index: number,
    next = index - 1,
  ) {
    this.count = process.timesteps.length;
    if (!(index >= 0 && index <= this.count - 1))
      throw new RangeError(`Cannot take step ${index}: the schedule has steps 0 to ${this.count - 1}`);
    if (!(next < index)) throw new RangeError(`Cannot go from step ${index} to step ${next}: it is not earlier`);
    this.t = interpolate(process.timesteps, index);
    this.modelT = this.t * process.scale;
    this.draw = Math.ceil(this.count - index);
    this.at = coefficients(process, index, next);
    this.#process = process;
    this.#next = next;
  }

  get earlier(): Step | undefined {
    return this.#next >= 0 ? new RowStep(this.#process, this.#next) : undefined;
  }

  get later(): Step | undefined {
    return this.index + 1 <= this.count - 1 ? new RowStep(this.#process, this.index + 1) : undefined;
  }
}

function coefficients({ rows, sigmaSmall }: Process, index: number, next: number): Coefficients {
  const alphaBar = alphaBarAt(rows, index);
  const alphaBarPrev = next >= 0 ? alphaBarAt(rows, next) : 1;
  const alphaBarNext = index + 1 <= rows.beta.length - 1 ? alphaBarAt(rows, index + 1) : 0;
  const ownRow = Number.isInteger(index) && next === index - 1;
  const beta = ownRow ? rows.beta[index] : 1 - alphaBar / alphaBarPrev;
  const posteriorVariance = (beta * (1 - alphaBarPrev)) / (1 - alphaBar);
  // β̃ of a step that ends at x₀ is 0, which has no logarithm: it borrows the second row's. A lone row has only its β.
  const borrowed = secondPosteriorVariance(rows) ?? beta;
  const clipped = posteriorVariance > 0 ? posteriorVariance : borrowed;
  const large = posteriorVariance > 0 ? beta : borrowed;
  return {
    beta,
    alpha: 1 - beta,
    alphaBar,
    alphaBarPrev,
    alphaBarNext,
    posteriorVariance,
    logBeta: log(beta),
    posteriorLogVarianceClipped: log(clipped),
    fixedVariance: sigmaSmall ? posteriorVariance : large,
    fixedLogVariance: log(sigmaSmall ? clipped : large),
  };
}

function secondPosteriorVariance({ beta, alphaBar }: Rows): number | undefined {
  return beta.length > 1 ? (beta[1] * (1 - alphaBar[0])) / (1 - alphaBar[1]) : undefined;
}

/** ᾱ of a row, or between two rows, straight in the logarithm of the signal-to-noise ratio ᾱ / (1 − ᾱ). */
function alphaBarAt({ alphaBar }: Rows, index: number): number {
  const below = Math.floor(index);
  if (below === index) return alphaBar[index];
  const ratio = (i: number) => alphaBar[i] / (1 - alphaBar[i]);
  const snr = ratio(below) * (ratio(below + 1) / ratio(below)) ** (index - below);
  return snr / (1 + snr);
}

function interpolate(rows: readonly number[], index: number): number {
  const below = Math.floor(index);
  return below === index ? rows[index] : rows[below] + (rows[below + 1] - rows[below]) * (index - below);
}
