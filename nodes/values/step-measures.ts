/** The numbers of a step that one tells steps apart by. */
import { lambda, type Step } from "../../diffusion/index.ts";
import type { StepFacts } from "../kinds.ts";
import { GraphError } from "../node.ts";

export const measures = {
  /** 0 in the first step of the loop, 1 in the last, in whichever direction it goes. */
  progress: ({ taken, steps }) => (steps > 1 ? taken / (steps - 1) : 1),
  /** The noise per signal, EDM's σ (arXiv:2206.00364). */
  noise_level: ({ at: { alphaBar } }) => Math.sqrt((1 - alphaBar) / alphaBar),
  /** log(α/σ), half the logarithm of the signal-to-noise ratio. */
  lambda: ({ at: { alphaBar } }) => lambda(alphaBar),
  t: ({ t }) => t,
  index: ({ index }) => index,
  /** Steps of the loop that were taken before. */
  taken: ({ taken }) => taken,
} satisfies Readonly<Record<string, (step: Step) => number>>;

type Measures = { readonly [M in keyof typeof measures]: number };

export const stepMeasures = (step: Step): Measures =>
  Object.fromEntries(Object.entries(measures).map(([name, measure]) => [name, measure(step)])) as Measures;

export const stepMeasure = (step: Step, measure: keyof typeof measures): number => measures[measure](step);

/** All numbers of a step, by the names that formulas read. */
export const stepNumbers = {
  ...measures,
  /** Rows of the schedule, and steps of the loop. */
  count: ({ count }) => count,
  steps: ({ steps }) => steps,
  /** ᾱₜ, and that of the step which this one leads to, and of the one before. */
  alpha_bar: ({ at }) => at.alphaBar,
  alpha_bar_prev: ({ at }) => at.alphaBarPrev,
  alpha_bar_next: ({ at }) => at.alphaBarNext,
  /** √ᾱₜ and √(1 − ᾱₜ). */
  signal: ({ at }) => Math.sqrt(at.alphaBar),
  sigma: ({ at }) => Math.sqrt(1 - at.alphaBar),
  beta: ({ at }) => at.beta,
  posterior_variance: ({ at }) => at.posteriorVariance,
} satisfies Readonly<Record<string, (step: Step) => number>>;

export type StepNumber = keyof typeof stepNumbers;

/** Those that a counted step has too. */
const counted: ReadonlySet<string> = new Set<StepNumber>(["progress", "index", "taken", "count", "steps"]);

/** Throws a GraphError at the port for a number that a step does not have, which is known to be a counted one. */
export function wantCounted(names: readonly string[], step: StepFacts | undefined, port: string): void {
  const lacking = step?.isCounted && names.find((name) => !counted.has(name));
  if (lacking) throw new GraphError(`A counted step has no ${lacking}: it has ${[...counted].join(", ")}`, port);
}
