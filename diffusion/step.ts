/** One step of a respaced process: its coefficients, float64, and its neighbours. */
import { log } from "./elementary.ts";
import { alphaBarOf } from "./noise-levels.ts";
import type { Coefficients, InnerWalk, Step } from "./types.ts";

/** The rows of a schedule, first to last. */
export interface Process {
  readonly beta: Float64Array;
  readonly alphaBar: Float64Array;
  readonly timesteps: readonly number[];
  /** ᾱ of every timestep of the full process, of which the rows are some. */
  readonly full: Float64Array;
  /** modelT = t · scale */
  readonly scale: number;
  readonly sigmaSmall: boolean;
}

/** Where a step leads to and comes from, when not to its neighbouring rows. */
export interface Route {
  /** Below 0: x₀. */
  readonly earlier?: number | undefined;
  readonly later?: number | undefined;
  readonly arrived?: number | undefined;
  readonly draw?: number;
  readonly taken?: number;
  readonly steps?: number;
}

/** Throws a RangeError unless 0 ≤ index ≤ count − 1. */
export const stepAt = (process: Process, index: number, route?: Route): Step => new RowStep(process, index, route);

/**
 * The steps of a walk through `count` rows and between them. Each leads to the one that follows, where that is less noisy
 * (an index of a list may be left out, or lie between rows), else to its neighbour; one that follows goes back up where
 * it is noisier (RePaint, arXiv:2201.09865). A step that is visited again, or lies between rows, takes a draw of its
 * own, numbered from count + 1; the others keep theirs. −1 is no step: it says that the one before leads to x₀. A walk `within` others has draws of its own, in
 * each of its turns others.
 */
export function stepsAlong(
  count: number,
  make: (index: number, route: Route) => Step,
  walk: readonly number[],
  within?: InnerWalk,
): Step[] {
  const numbered = drawsIn(within, count + walk.length + 1);
  const draws = drawsAlong(count, walk);
  const steps = draws.length;
  let level: number | undefined; // where the last step led to
  let taken = 0;
  return walk.flatMap((index, k) => {
    if (index === toX0) return [];
    const following = walk[k + 1];
    const step = make(index, {
      earlier: following < index ? following : undefined,
      later: following > index ? following : undefined,
      arrived: level !== undefined && level < index ? level : undefined,
      draw: numbered(draws[taken]),
      ...{ taken: taken++, steps },
    });
    level = following < index ? following : index - 1;
    return step;
  });
}

/** The number of each step's draw in such a walk, of a schedule of `count` rows, where it is within no other. */
function drawsAlong(count: number, walk: readonly number[]): number[] {
  const visited = new Set<number>();
  let fresh = count;
  return walk.flatMap((index) => {
    if (index === toX0) return [];
    const isOwn = Number.isInteger(index) && !visited.has(index);
    visited.add(index);
    return isOwn ? count - index : ++fresh;
  });
}

/** In a walk, x₀ as what a step leads to. */
const toX0 = -1;

/**
 * Where a step finds its draw, of 2³² that a stream has: the rows, and what walks visit again, from 1; walks within walks from
 * `inner`, `perWalk` for each; steps between rows that no walk takes from `betweenRows`. So no two of them have one draw by
 * chance, but those that lie between the same rows and less than one of the `parts` apart, and of an inner walk whose length
 * changes from turn to turn.
 */
const inner = 2 ** 30;
const innerWalks = 64;
const perWalk = inner / innerWalks;
const betweenRows = 2 ** 31;
/** Parts of the way from row to row that have a draw of their own. */
const parts = 2 ** 14;

/** Throws a RangeError where there are more inner walks, or one is gone more often, than there are draws for. */
function drawsIn(within: InnerWalk | undefined, most: number): (draw: number) => number {
  if (within === undefined) return (draw) => draw;
  const { number, turn } = within;
  if (number >= innerWalks)
    throw new RangeError(
      `Cannot draw in more than ${innerWalks} loops inside one: there are no more draws of their own`,
    );
  if ((turn + 1) * most > perWalk)
    throw new RangeError(`Cannot draw anew in turn ${turn} of an inner loop: there are ${Math.floor(perWalk / most)}`);
  return (draw) => inner + number * perWalk + turn * most + draw;
}

const drawOf = (index: number, count: number): number =>
  Number.isInteger(index) ? count - index : betweenRows + Math.floor(index * parts);

/** Neighbours are getters of the class, made when asked for: a step that is printed or compared shows itself alone. */
class RowStep implements Step {
  readonly count: number;
  readonly t: number;
  readonly modelT: number;
  readonly draw: number;
  readonly taken: number;
  readonly steps: number;
  readonly at: Coefficients;
  readonly #process: Process;
  readonly #earlier: number;
  readonly #later: number;
  readonly #arrived: number | undefined;

  constructor(
    process: Process,
    readonly index: number,
    { earlier = index - 1, later = index + 1, arrived, draw, taken, steps }: Route = {},
  ) {
    this.count = process.timesteps.length;
    this.taken = taken ?? this.count - 1 - index;
    this.steps = steps ?? this.count;
    if (!(index >= 0 && index <= this.count - 1))
      throw new RangeError(`Cannot take step ${index}: the schedule has steps 0 to ${this.count - 1}`);
    this.t = between(process.timesteps, index);
    this.modelT = this.t * process.scale;
    this.draw = draw ?? drawOf(index, this.count);
    this.at = coefficients(process, index, earlier, later);
    this.#process = process;
    this.#earlier = earlier;
    this.#later = later;
    this.#arrived = arrived;
  }

  get earlier(): Step | undefined {
    return this.#earlier < 0 ? undefined : stepAt(this.#process, this.#earlier);
  }

  get later(): Step | undefined {
    return this.#later > this.count - 1 ? undefined : stepAt(this.#process, this.#later);
  }

  get arrived(): Coefficients["alphaBar"] | undefined {
    if (this.#arrived === undefined) return undefined;
    return this.#arrived < 0 ? 1 : alphaBarAt(this.#process, this.#arrived);
  }
}

function coefficients(process: Process, index: number, earlier: number, later: number): Coefficients {
  const { sigmaSmall } = process;
  const alphaBar = alphaBarAt(process, index);
  const alphaBarPrev = earlier < 0 ? 1 : alphaBarAt(process, earlier);
  const alphaBarNext = later > process.beta.length - 1 ? 0 : alphaBarAt(process, later);
  const ownRow = Number.isInteger(index) && earlier === index - 1;
  const beta = ownRow ? process.beta[index] : 1 - alphaBar / alphaBarPrev;
  const posteriorVariance = (beta * (1 - alphaBarPrev)) / (1 - alphaBar);
  // β̃ of a step that leads to x₀ is 0, which has no logarithm: it borrows the second row's. A lone row has only its β.
  const borrowed = secondPosteriorVariance(process) ?? beta;
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

function secondPosteriorVariance({ beta, alphaBar }: Process): number | undefined {
  return beta.length > 1 ? (beta[1] * (1 - alphaBar[0])) / (1 - alphaBar[1]) : undefined;
}

/** ᾱ of a row; between two rows that of the full process at the timestep there, so that networks are told of the noise there is. */
function alphaBarAt({ alphaBar, timesteps, full }: Process, index: number): number {
  return Number.isInteger(index) ? alphaBar[index] : alphaBarOf(full, between(timesteps, index));
}

function between(rows: readonly number[], index: number): number {
  const below = Math.floor(index);
  return below === index ? rows[index] : rows[below] + (rows[below + 1] - rows[below]) * (index - below);
}
