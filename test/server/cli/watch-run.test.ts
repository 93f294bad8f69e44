/** Progress speaks of what one call does: of its pictures, steps and time, however its run was cut, begun or shared. */
import { expect, test } from "vitest";
import type { Plan, RunEvent } from "../../../executor/index.ts";
import { progress } from "../../../server/cli/progress.ts";
import { watchRun } from "../../../server/cli/watch-run.ts";
import { keepingOf } from "../../../server/engine/samples.ts";

interface Asked {
  readonly first?: number;
  readonly batches: number;
  readonly range?: { readonly from: number; readonly to: number };
  readonly before?: readonly number[];
  /** What Save NPZ cuts to; rows of a batch are 4, unless not known. */
  readonly limit?: number;
  readonly rows?: number | undefined;
  /** Of the loops of a batch, one after the other. */
  readonly loops?: readonly number[];
  /** Of these loops only the run tells how many steps they have. */
  readonly open?: readonly number[];
  /** These are never asked for. */
  readonly unasked?: readonly number[];
}

const planOf = ({ limit = 0, loops = [2], open = [], ...asked }: Asked): Plan => {
  const rows = "rows" in asked ? asked.rows : 4;
  const loop = (count: number, i: number) => ({ is: "loop", path: `${i}`, ...(!open.includes(i) && { count }) });
  const saving = {
    is: "node",
    path: "9",
    title: "Save NPZ",
    saves: { rows },
    inputs: { num_samples: { value: limit } },
  };
  return { steps: [...loops.map(loop), saving], targets: [] } as unknown as Plan;
};

/** The last lines of a call that takes all its steps and batches, a second each. */
function linesOf(asked: Asked): string[] {
  const { first = 0, batches, range, before = [], loops = [2], unasked = [] } = asked;
  const plan = planOf(asked);
  const lines: string[] = [];
  let seconds = 0;
  const now = () => seconds * 1_000;
  const shown = progress({ write: (line) => lines.push(line.trimEnd()), columns: undefined, now: () => seconds * 1e6 });
  const keeping = keepingOf(plan, { first, batches }, range);
  const watch = watchRun({ plan, first, batches, keeping, before: new Set(before), now });
  const see = (event: RunEvent) => {
    seconds++;
    const far = watch.see(event);
    if (far) shown.far(far);
  };
  for (let batch = first; batch < batches; batch++) {
    if (before.includes(batch)) continue;
    for (const [i, count] of loops.entries())
      for (let index = 0; index < count && !unasked.includes(i); index++)
        see({ type: "step", path: `${i}`, index, count, ms: 1_000 });
    if (batches > 1) see({ type: "batch", index: batch, count: batches, ms: 1_000 });
  }
  const far = watch.end();
  if (far) shown.far(far);
  return lines;
}

const cases: Readonly<Record<string, readonly [asked: Asked, first: string, last: string]>> = {
  "one batch": [{ batches: 1 }, "step 1 of 2", "step 2 of 2, 1.00 steps/s, 0:00 left"],
  "two loops, one after the other": [
    { batches: 1, loops: [2, 3] },
    "step 1 of 5",
    "step 5 of 5, 1.00 steps/s, 0:00 left",
  ],
  "a loop whose length is computed": [
    { batches: 1, loops: [4], open: [0] },
    "step 1 of 4",
    "step 4 of 4, 1.00 steps/s, 0:00 left",
  ],
  "a second loop whose length is computed": [
    { batches: 1, loops: [2, 4], open: [1] },
    "step 1 of 2 or more",
    "step 6 of 6, 1.00 steps/s, 0:00 left",
  ],
  "a second loop whose length is computed, of several batches": [
    { batches: 2, loops: [1, 2], open: [1] },
    "step 1 of 2 or more, 0 of 8 pictures",
    "step 6 of 6, 0.714 steps/s, 0:00 left, 8 of 8 pictures",
  ],
  "a loop that is never asked for": [
    { batches: 1, loops: [2, 10], unasked: [1] },
    "step 1 of 12",
    "step 2 of 2, 1.00 steps/s, 0:00 left",
  ],
  "a loop whose length is computed and that is never asked for": [
    { batches: 1, loops: [2, 10], open: [1], unasked: [1] },
    "step 1 of 2 or more",
    "step 2 of 2, 1.00 steps/s, 0:00 left",
  ],
  "several batches": [
    { batches: 3 },
    "step 1 of 6, 0 of 12 pictures",
    "step 6 of 6, 0.625 steps/s, 0:00 left, 12 of 12 pictures",
  ],
  "a last batch that is cut": [
    { batches: 3, limit: 9 },
    "step 1 of 6, 0 of 9 pictures",
    "step 6 of 6, 0.625 steps/s, 0:00 left, 9 of 9 pictures",
  ],
  "a range that begins and ends within batches": [
    { first: 2, batches: 4, range: { from: 11, to: 14 } },
    "step 1 of 4, 0 of 3 pictures",
    "step 4 of 4, 0.600 steps/s, 0:00 left, 3 of 3 pictures",
  ],
  "a range within one batch of several": [
    { first: 1, batches: 2, range: { from: 5, to: 7 } },
    "step 1 of 2",
    "step 2 of 2, 0.500 steps/s, 0:00 left",
  ],
  "gone on behind two batches": [
    { batches: 4, before: [0, 2], limit: 15 },
    "step 5 of 8, 8 of 15 pictures",
    "step 8 of 8, 0.600 steps/s, 0:00 left, 15 of 15 pictures",
  ],
  "without loops": [
    { batches: 3, loops: [], limit: 10 },
    "4 of 10 pictures, 3.33 pictures/s, 0:02 left",
    "10 of 10 pictures, 3.33 pictures/s, 0:00 left",
  ],
  "of which nobody knows how many pictures": [
    { batches: 3, rows: undefined },
    "step 1 of 6, 0 of 3 batches",
    "step 6 of 6, 0.625 steps/s, 0:00 left, 3 of 3 batches",
  ],
};

test.each(Object.entries(cases))("progress of %s", (_, [asked, first, last]) => {
  const lines = linesOf(asked);
  expect([lines[0], lines.at(-1)]).toEqual([first, last]);
  // The end is told once.
  expect(lines.filter((line) => line === last)).toHaveLength(1);
});

test("what is kept of batches adds up to what is kept, wherever a range and a file end", () => {
  for (const limit of [0, 1, 4, 7, 12])
    for (let from = 0; from < 9; from++)
      for (let to = from + 1; to <= 12; to++) {
        const [first, batches] = [Math.floor(from / 4), Math.ceil(to / 4)];
        const keeping = keepingOf(planOf({ batches, limit }), { first, batches }, { from, to });
        let sum = 0;
        for (let batch = first; batch < batches; batch++) sum += keeping?.of(batch) ?? Number.NaN;
        const kept = Math.max(0, Math.min(to, limit || to) - from);
        expect({ sum, kept: keeping?.kept, drawn: keeping?.drawn }).toEqual({
          sum: kept,
          kept,
          drawn: 4 * (batches - first),
        });
      }
});

test("what is left is told by the steps alone, not by the loading in the first of them", () => {
  const lines: string[] = [];
  let ms = 0;
  const watch = watchRun({
    ...{ plan: planOf({ batches: 1, loops: [25] }), first: 0, batches: 1 },
    ...{ keeping: undefined, before: new Set<number>(), now: () => ms },
  });
  const shown = progress({ write: (line) => lines.push(line.trimEnd()), columns: undefined, now: () => 1e6 * ms });
  for (let index = 0; index < 25; index++) {
    const took = index === 0 ? 50_000 : 1_000;
    ms += took;
    shown.far(watch.see({ type: "step", path: "0", index, count: 25, ms: took })!);
  }
  expect(lines.slice(0, 3)).toEqual([
    "step 1 of 25",
    "step 2 of 25, 1.00 steps/s, 0:23 left",
    "step 3 of 25, 1.00 steps/s, 0:22 left",
  ]);
});
