/** What a plan asks for before it is taken on: calls, memory for its values, files. All of it at least, where facts are unknown. */
import { type DrawnWeight, GraphError, type Saved, weightOf } from "../nodes/index.ts";
import { Demand, lazyInputs } from "./demand.ts";
import { drawnReads } from "./drawn-reads.ts";
import { GraphErrors } from "./errors.ts";
import { callsOf } from "./estimate.ts";
import { releases, type Slots, slots } from "./slots.ts";
import { bodyOf, endsOf, everyStep, outputsOf } from "./step.ts";
import { StepUses } from "./step-uses.ts";
import { turnsOf } from "./together.ts";
import type { DrawnStep, LoopStep, NodeStep, Path, Plan, PlanStep } from "./types.ts";
import type { DrawnWeights } from "./weigh-drawn.ts";

export interface Amount {
  /** Calls of nodes in a batch; at most, where it has conditions, and at least, where it has open loops. */
  readonly calls: number;
  /** A condition decides what is called, and what a loop saves at which step: at least once, then. */
  readonly hasConditions: boolean;
  /** How many steps a loop takes is computed, and counted as one. */
  readonly hasOpenLoops: boolean;
  /**
   * Of values that are there at one time. Networks and what they compute with are not counted, but for a Differentiate's where it
   * shares their memory: what its gradient needs of the way forward is of all of it at once.
   */
  readonly bytes: number;
  /** The node of which most of them are. */
  readonly largest: Path | undefined;
  /** The Differentiates of which it is known what they take, the one that takes most first. */
  readonly drawn: readonly DrawnAmount[];
  /** What a whole run saves. */
  readonly files: number;
  readonly fileBytes: number;
}

/** Of a Differentiate, in bytes. */
export interface DrawnAmount extends DrawnWeight {
  readonly path: Path;
  readonly title: string;
}

/** What is taken on at most. */
export interface Caps {
  /** That a run may hold in memory. */
  readonly bytes: number;
  /** That a Differentiate may hold on a card, infinite where that is not known; absent: it shares the memory of the run. */
  readonly cardBytes?: number | undefined;
  /** Of so many processes each has that; absent: one has the card for itself. */
  readonly cardProcesses?: number | undefined;
  /** That there is room for where it saves. */
  readonly fileBytes: number;
}

/** Of one run: more are no directory that a person or a browser opens. */
export const maxFiles = 100_000;

/** `weights`: what its Differentiates take, where that was found out; `isOnCard`: which is of another memory than the rest. */
export function amountOf(plan: Plan, batches: number, weights: DrawnWeights = new Map(), isOnCard = false): Amount {
  const { steps } = plan;
  const saving = savedIn(steps, 1);
  const peak = new Weigher(plan, isOnCard ? new Map() : weights).peak(steps, []);
  const drawn = everyStep(steps).flatMap(({ path, title }) => {
    const weight = weights.get(path);
    return weight ? [{ path, title, ...weight }] : [];
  });
  return {
    drawn: drawn.sort((a, b) => whole(b) - whole(a)),
    calls: callsOf(steps),
    hasConditions: everyStep(steps).some(isConditional),
    hasOpenLoops: everyStep(steps).some((step) => step.is === "loop" && step.count === undefined),
    bytes: peak.bytes,
    largest: peak.largest?.path,
    files: saving.reduce((sum, { files, times, gathered }) => sum + files * (gathered ? 1 : times * batches), 0),
    // What is gathered from several batches or steps waits beside the file that it becomes.
    fileBytes: saving.reduce(
      (sum, { bytes, times, gathered }) => sum + bytes * times * batches * (gathered && times * batches > 1 ? 2 : 1),
      0,
    ),
  };
}

/** Throws GraphErrors that say what is more than is taken on, and what to do. `size`: bytes as a person reads them. */
export function checkAmount(amount: Amount, caps: Caps, size: (bytes: number) => string): void {
  const { bytes, largest, drawn, files, fileBytes } = amount;
  const problems: GraphError[] = [];
  if (bytes > caps.bytes) {
    const gradient = drawn.find(({ path }) => path === largest);
    const what = gradient
      ? `“${gradient.title}” would hold ${size(whole(gradient))} while it is differentiated, with which there are ${size(bytes)} at one time`
      : `It would hold ${size(bytes)} of values at one time`;
    problems.push(
      new GraphError(
        `${what}; a run here may hold ${size(caps.bytes)}: use smaller or fewer pictures in a batch`,
        undefined,
        largest,
      ),
    );
  }
  for (const one of drawn)
    if (caps.cardBytes !== undefined && whole(one) > caps.cardBytes)
      problems.push(
        new GraphError(
          `“${one.title}” would hold ${size(whole(one))} while it is differentiated; ${cardHas(caps, size)} smaller or fewer pictures in a batch`,
          undefined,
          one.path,
        ),
      );
  if (files > maxFiles)
    problems.push(
      new GraphError(`It would save ${files} files; a run saves at most ${maxFiles}: use Save NPZ, or fewer batches`),
    );
  if (fileBytes > caps.fileBytes)
    problems.push(
      new GraphError(
        `It would save about ${size(fileBytes)}, and there is room for ${size(caps.fileBytes)}: free some, or use fewer batches`,
      ),
    );
  if (problems.length > 0) throw new GraphErrors(problems);
}

const cardHas = ({ cardBytes = 0, cardProcesses }: Caps, size: (bytes: number) => string): string =>
  cardProcesses === undefined
    ? `the graphics card has ${size(cardBytes)}: use`
    : `the graphics card has ${size(cardBytes)} for each of ${cardProcesses} processes: use fewer of them, or`;

/** Whether it may do without some of what leads to it. */
const isConditional = (step: PlanStep): boolean =>
  (step.is === "node" && lazyInputs(step).length > 0) || (step.is === "drawn" && drawnReads(step).perhaps.length > 0);

const whole = ({ values, weights }: DrawnWeight): number => values + weights;

interface Peak {
  readonly bytes: number;
  readonly largest: { readonly path: Path; readonly bytes: number } | undefined;
}

/** Walks a plan as it will be run where every condition asks for all that it may, and lets go of values where it does. */
class Weigher {
  readonly #slots: Slots = slots();
  readonly #uses = new StepUses(this.#slots);
  readonly #bytes = new Map<number, number>();
  readonly #plan: Plan;
  readonly #weights: DrawnWeights;

  constructor(plan: Plan, weights: DrawnWeights) {
    this.#plan = plan;
    this.#weights = weights;
  }

  peak(steps: readonly PlanStep[], ends: readonly number[]): Peak {
    const turns = turnsOf(
      steps.map((step) => this.#uses.of(step)),
      this.#plan,
    );
    const released = releases(turns, new Set(), new Demand(turns, ends, this.#plan.targets).askers);
    let [live, peak] = [0, 0];
    let largest: Peak["largest"];
    const see = (bytes: number, of: Peak["largest"]) => {
      peak = Math.max(peak, bytes);
      if (of && of.bytes > (largest?.bytes ?? 0)) largest = of;
    };
    const weigh = (step: PlanStep) => {
      const inside = step.is === "loop" ? this.peak(bodyOf(step), this.#uses.ends(step)) : undefined;
      if (inside) see(live + inside.bytes, inside.largest);
      const drawn = this.#weights.get(step.path);
      if (drawn) see(live + whole(drawn), { path: step.path, bytes: whole(drawn) });
      const made = step.is === "loop" ? this.#loop(step) : this.#outputs(step);
      live += made;
      see(live, { path: step.path, bytes: made });
    };
    for (const [i, { ops }] of turns.entries()) {
      for (const { step } of ops) weigh(step);
      for (const slot of released[i]) live -= this.#bytes.get(slot) ?? 0;
    }
    return { bytes: peak, largest };
  }

  #outputs(step: NodeStep | DrawnStep): number {
    return this.#sum(
      outputsOf(step).map(({ from, output, kind, facts }) => [this.#slots.output(from, output), weightOf(kind, facts)]),
    );
  }

  #loop(step: LoopStep): number {
    return this.#sum(
      endsOf(step).map(([name, end]) => [
        this.#slots.output(step.path, name),
        this.#bytes.get(this.#slots.of(end)) ?? 0,
      ]),
    );
  }

  #sum(made: readonly (readonly [slot: number, bytes: number])[]): number {
    for (const [slot, bytes] of made) this.#bytes.set(slot, bytes);
    return made.reduce((sum, [, bytes]) => sum + bytes, 0);
  }
}

/** What is saved, and how often in a batch: once a step of the loops around, but where a wire says in which steps at least once. */
function savedIn(steps: readonly PlanStep[], times: number): (Saved & { readonly times: number })[] {
  return steps.flatMap((step) => {
    if (step.is === "loop") return [...savedIn(step.once, times), ...savedIn(step.each, times * (step.count ?? 1))];
    if (step.is !== "node" || !step.saves) return [];
    return [{ ...step.saves, times: lazyInputs(step).length === 0 ? times : 1 }];
  });
}
