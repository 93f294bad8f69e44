/** How far a run is: of all its batches, which go through its loops one after the other. */
import type { RunSummary } from "../../server/protocol.ts";

/** Of a loop, in the batch that goes through it. */
export interface StepView {
  /** Steps taken; 0 between two batches. */
  readonly taken: number;
  readonly of: number;
  /** Mean time of a step; where there are others, without the first, in which networks are loaded. */
  readonly ms: number;
}

/** What is known of a run on its way. */
export interface Going {
  readonly summary: Pick<RunSummary, "batches">;
  readonly steps: ReadonlyMap<string, StepView>;
  /** Of several, how many are done, what the last one took, and how many pictures each has, where that is known. */
  readonly batches?: { readonly done: number; readonly of: number; readonly ms: number; readonly pictures?: number };
  /** By the clock of this machine, when its last step or batch was heard of. */
  readonly heardAt?: number;
}

/** Of the loop at a path: which step of how many, counted over all batches of the run. */
export function overBatches(
  { summary, batches, steps }: Going,
  path: string,
): { done: number; of: number } | undefined {
  const step = steps.get(path);
  if (!step) return undefined;
  const { taken, of } = step;
  if (isInner(steps, path)) return { done: taken, of };
  const before = Math.min(batches?.done ?? 0, summary.batches - 1);
  return { done: before * of + taken, of: summary.batches * of };
}

/** "step 17 of 25", or "step 17 of 25 in batch 3 of 8"; undefined before the first. */
export function stepWords(run: Going): string | undefined {
  const step = lastStep(run);
  const batch = batchWords(run);
  return step && `step ${step.taken} of ${step.of}${batch === undefined ? "" : ` in ${batch}`}`;
}

/** "batch 3 of 8"; undefined where there is one alone. */
export function batchWords({ summary, batches }: Going): string | undefined {
  const current = Math.min((batches?.done ?? 0) + 1, summary.batches);
  return summary.batches === 1 ? undefined : `batch ${current} of ${summary.batches}`;
}

/** "32 / 128"; the batches, where nobody knows of pictures or before the first is done. */
export function doneOfAll({ summary, batches }: Going): string {
  const each = batches?.pictures ?? 1;
  return `${(batches?.done ?? 0) * each} / ${summary.batches * each}`;
}

/** "32 of 128 pictures, 3.1 a second", of several batches; undefined before the first is done. `devices` draw at a time. */
export function pictureWords({ summary, batches }: Going, devices = 1): string | undefined {
  if (batches?.pictures === undefined) return undefined;
  const { done, pictures, ms } = batches;
  const perSecond = (devices * pictures) / (Math.max(ms, 1) / 1_000);
  const rate = perSecond >= 1 ? `${plain(perSecond)} a second` : `${plain(60 * perSecond)} a minute`;
  return `${done * pictures} of ${summary.batches * pictures} pictures, ${rate}`;
}

/** Two digits, and all that stand before the point. */
const plain = (rate: number): string => (rate >= 10 ? String(Math.round(rate)) : rate.toPrecision(2));

/**
 * In milliseconds, until the last batch is done, as the steps and batches of this run tell; undefined before its second step or
 * first batch: networks are still loaded in its first step. `devices` draw batches of it at a time. What is at work goes on while
 * nothing is heard of it: for as long as it usually takes.
 */
export function leftInRun(run: Going, devices = 1, now = Date.now()): number | undefined {
  const left = leftWhenHeard(run, devices);
  if (left === undefined || run.heardAt === undefined) return left;
  const next = lastStep(run)?.ms ?? run.batches?.ms ?? 0;
  return Math.max(0, left - Math.max(0, Math.min(now - run.heardAt, next)));
}

function leftWhenHeard(run: Going, devices: number): number | undefined {
  const step = lastStep(run);
  const { batches, summary } = run;
  const left = Math.max(0, summary.batches - (batches?.done ?? 0));
  if (!step) return batches && Math.ceil(left / devices) * batches.ms;
  if (step.taken === 1 && step.of > 1 && !batches) return undefined;
  const after = Math.max(0, left - 1);
  return (step.of - step.taken) * step.ms + Math.ceil(after / devices) * (batches?.ms ?? step.of * step.ms);
}

/** Of the loops that this batch has gone round, the last that has begun; between two batches the last of all. */
export function lastStep({ steps }: Going): StepView | undefined {
  const outer = [...steps].filter(([path]) => !isInner(steps, path)).map(([, step]) => step);
  return outer.findLast(({ taken }) => taken > 0) ?? outer.at(-1);
}

/** A loop in another begins anew with each of that one's steps. */
const isInner = (steps: Going["steps"], path: string): boolean =>
  [...steps.keys()].some((other) => path.startsWith(`${other}/`));
