/**
 * What passes between the functions of this folder. A schedule hands over the numbers of one step by name, so that
 * formulas hold no indexing; a step knows its neighbours, so that a solver with memory needs no schedule.
 */
import type { Tensor } from "./tensor.ts";

/** The numbers of one step of the respaced process, float64. Ho et al. 2020 (arXiv:2006.11239), section 2. */
export interface Coefficients {
  /** βₜ, variance of q(xₜ | xₜ₋₁). */
  readonly beta: number;
  /** αₜ = 1 − βₜ. */
  readonly alpha: number;
  /** ᾱₜ = α₁ … αₜ. */
  readonly alphaBar: number;
  /** ᾱₜ₋₁; 1 before the first step. */
  readonly alphaBarPrev: number;
  /** ᾱₜ₊₁; 0 after the last step. */
  readonly alphaBarNext: number;
  /** β̃ₜ = βₜ (1 − ᾱₜ₋₁) / (1 − ᾱₜ), variance of q(xₜ₋₁ | xₜ, x₀). */
  readonly posteriorVariance: number;
  readonly logBeta: number;
  /** log β̃ₜ, where t = 0 takes the value of t = 1 (β̃₀ is 0). */
  readonly posteriorLogVarianceClipped: number;
  /** Variance of the reverse step when the network does not learn it, and its logarithm (sigma_small decides which). */
  readonly fixedVariance: number;
  readonly fixedLogVariance: number;
}

export interface Step {
  /** 0 is the last step of sampling; `count − 1` the first. A fraction lies between two rows of the schedule. */
  readonly index: number;
  readonly count: number;
  /** It is of no process: what is said here of noise and timesteps, it does not have. */
  readonly isCounted?: true;
  /** The timestep of the unrespaced process. */
  readonly t: number;
  /** The number the networks are given: t, or t·1000/T when `rescale_timesteps`. */
  readonly modelT: number;
  /**
   * The number of the noise draw that belongs to this step: `count − index`, so that the first step takes draw 1. Steps between
   * rows, and those of inner loops in each of their turns, have numbers of their own.
   */
  readonly draw: number;
  /** Steps of its walk that are taken before it, and how many the walk has. Of no walk, as if it went down all rows. */
  readonly taken: number;
  readonly steps: number;
  readonly at: Coefficients;
  /** The step this one leads to, `index − 1` as a rule: less noise. Absent where it leads to x₀. */
  readonly earlier: Step | undefined;
  /** The neighbour at `index + 1`, as a rule: more noise. */
  readonly later: Step | undefined;
  /** ᾱ of the x that the loop brings, where a walk goes back up to this step and x must be made noisier first. */
  readonly arrived?: number | undefined;
}

/** What tells the steps of a process apart: t, λ = log(√ᾱ / √(1 − ᾱ)), the noise per signal √(1 − ᾱ) / √ᾱ (EDM's σ). */
export type StepMeasure = "index" | "t" | "lambda" | "noise_level";

export interface Schedule {
  /** Equal keys, equal schedules. */
  readonly key: string;
  readonly count: number;
  /** The timestep of the unrespaced process that each step stands for, ascending. */
  readonly timesteps: readonly number[];
  /** Between which rows a step lies, as an index. Throws a RangeError where the rows do not go so far. */
  indexOf(measure: StepMeasure, value: number): number;
  /** The step at 0 … count − 1; a fraction lies between rows (t between theirs, ᾱ the process's there). Throws a RangeError outside. */
  at(index: number): Step;
  /**
   * The steps of a walk: each knows what follows it, and which draw is its own; of a walk `within` others no draw is that of
   * another. −1 is no step: it says that the one before leads to x₀, not to its neighbouring row. Throws a RangeError outside.
   */
  along(indices: readonly number[], within?: InnerWalk): Step[];
}

/** A walk that others go round. */
export interface InnerWalk {
  /** Which of those that lie in one outermost walk, from 0. */
  readonly number: number;
  /** Which time it is gone, from 0. */
  readonly turn: number;
}

/** A reverse step before it is taken. ε is never stored: it follows from the current x₀ and x. */
export interface Prediction {
  /** Mean, variance and log variance of p(xₜ₋₁ | xₜ), N×C×H×W. */
  readonly mean: Tensor;
  readonly variance: Tensor;
  readonly logVariance: Tensor;
  /** The predicted x₀, after denoised_fn and clip. */
  readonly x0: Tensor;
  /** The xₜ and the step it was made from. */
  readonly x: Tensor;
  readonly step: Step;
  /** What guidance has moved: samplers that read only x₀ refuse one whose mean alone was conditioned. */
  readonly conditioned: "no" | "mean" | "score";
}

/** Random draws by number: `draw(k)` is a pure function. Draw 0 is x_T; which is a step's, the step says. */
export interface Noise {
  readonly key: string;
  readonly dims: readonly number[];
  draw(index: number): Tensor;
}
