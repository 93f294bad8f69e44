/** From the events of a run to how far this call of it is: in steps, in pictures, and in time. */
import type { Plan, RunEvent } from "../../executor/index.ts";
import type { Batches, Keeping } from "../engine/samples.ts";
import type { Far } from "./progress.ts";

export interface Watched extends Batches {
  readonly plan: Plan;
  /** Which pictures are kept, where that is known. */
  readonly keeping: Keeping | undefined;
  /** The batches that an interrupted run has done. */
  readonly before: ReadonlySet<number>;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
}

export interface Watching {
  /** How far it is after an event of a step or a batch; undefined after others. */
  see(event: RunEvent): Far | undefined;
  /** The run is over: how far it came, where no event told that nothing is left, since a loop was never asked for. */
  end(): Far | undefined;
}

/**
 * Counted are the steps of outermost loops, and pictures that are kept. Time is that of the clock, of whichever and however many
 * devices, since the first step was taken: networks are loaded in that, and no other takes so long. Without steps it is since the
 * first batch began.
 */
export function watchRun({ plan, first, batches, keeping, before, now }: Watched): Watching {
  const count = batches - first;
  /** How many steps each has, 0 until the first where only the run tells. */
  const loops = new Map(plan.steps.filter((step) => step.is === "loop").map(({ path, count = 0 }) => [path, count]));
  const done = new Set(before);
  /** Steps of the batch that is at its turn. */
  let [taken, began] = [0, Number.NaN];
  let pictures = [...before].reduce((sum, batch) => sum + (keeping?.of(batch) ?? 0), 0);
  let last: Far | undefined;
  /** From when on it is counted, and how many steps were taken by then. */
  let since: { readonly at: number; readonly steps: number } | undefined;
  return {
    see(event) {
      if (event.type === "step" && loops.has(event.path)) {
        loops.set(event.path, event.count);
        taken++;
      } else if (event.type === "batch") {
        done.add(event.index);
        pictures += keeping?.of(event.index) ?? 0;
        taken = 0;
      } else return undefined;
      if (Number.isNaN(began)) began = now() - event.ms;
      last = farBy(event);
      return last;
    },
    end() {
      if (last === undefined || last.isAll || taken === 0) return undefined;
      const steps = { done: taken, of: taken };
      return { ...last, steps, secondsLeft: 0, isAll: true };
    },
  };

  function farBy(event: Told): Far {
    const isBatch = event.type === "batch";
    const each = [...loops.values()].reduce((sum, steps) => sum + steps, 0);
    // What a whole batch did not ask for the next ones are not expected to.
    const isOpen = !isBatch && done.size === before.size && [...loops.values()].includes(0);
    const batchesDone = done.size + (each > 0 ? taken / each : 0);
    const [here, left] = [batchesDone - before.size, count - batchesDone];
    const made = keeping
      ? ({ done: pictures, of: keeping.kept, what: "pictures" } as const)
      : ({ done: done.size, of: count, what: "batches" } as const);
    const rate = rateBy(event, here, each);
    const unit = each > 0 ? each : made.of / count;
    return {
      ...(each > 0 && {
        steps: { done: Math.round(batchesDone * each), of: count * each, ...(isOpen && { isLeast: true }) },
      }),
      ...((count > 1 || each === 0) && { made }),
      ...(rate !== undefined && { perSecond: rate * unit }),
      ...(!isOpen && rate !== undefined && { secondsLeft: left / rate }),
      // Of a run of one batch nobody is told that it is done, but where it is one of several.
      isAll: !isOpen && left <= 0 && isBatch === count > 1,
    };
  }

  /** Batches a second. */
  function rateBy(event: Told, here: number, each: number): number | undefined {
    const [at, isFirst] = [now(), since === undefined];
    since ??= event.type === "step" ? { at, steps: 1 } : { at: began, steps: 0 };
    if (isFirst && event.type === "step") return undefined;
    // Several devices end their first steps at about the same time.
    const isBurst = event.type === "step" && at - since.at < event.ms / 2;
    return isBurst ? undefined : (here - (each > 0 ? since.steps / each : 0)) / (Math.max(at - since.at, 1e-3) / 1_000);
  }
}

type Told = Extract<RunEvent, { readonly type: "step" | "batch" }>;
