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
 * Counted are the steps of outermost loops, and pictures that are kept. Time is that of the clock, since the first event, of
 * whichever and however many devices.
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
  const seconds = () => Math.max(now() - began, 1e-3) / 1_000;
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
      last = farBy(event.type === "batch");
      return last;
    },
    end() {
      if (last === undefined || last.isAll || taken === 0) return undefined;
      const steps = { done: taken, of: taken };
      return { steps, perSecond: taken / seconds(), secondsLeft: 0, isAll: true };
    },
  };

  function farBy(isBatch: boolean): Far {
    const each = [...loops.values()].reduce((sum, steps) => sum + steps, 0);
    // What a whole batch did not ask for the next ones are not expected to.
    const isOpen = !isBatch && done.size === before.size && [...loops.values()].includes(0);
    const batchesDone = done.size + (each > 0 ? taken / each : 0);
    const [here, left] = [batchesDone - before.size, count - batchesDone];
    const made = keeping
      ? ({ done: pictures, of: keeping.kept, what: "pictures" } as const)
      : ({ done: done.size, of: count, what: "batches" } as const);
    const unit = each > 0 ? each : made.of / count;
    return {
      ...(each > 0 && { steps: { done: Math.round(batchesDone * each), of: count * each } }),
      ...((count > 1 || each === 0) && { made }),
      perSecond: (here * unit) / seconds(),
      ...(!isOpen && { secondsLeft: (seconds() * left) / here }),
      // Of a run of one batch nobody is told that it is done, but where it is one of several.
      isAll: !isOpen && left <= 0 && isBatch === count > 1,
    };
  }
}
