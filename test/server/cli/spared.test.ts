import { expect, test } from "vitest";
import type { Plan } from "../../../executor/index.ts";
import { Spared } from "../../../server/cli/spared.ts";

const plan = {
  steps: [
    {
      ...{ is: "loop", path: "2", title: "Loop", once: [] },
      each: ["Predict", "Gradient", "Score"].map((title, i) => ({ is: "node", path: `2/${i}`, title })),
    },
    { is: "node", path: "3", title: "Picture" },
    { is: "drawn", path: "4", title: "D", graph: { nodes: [{ path: "4/1", title: "Loss" }] } },
  ],
} as unknown as Plan;

test("what was not needed in every step is told once, of all batches together", () => {
  const spared = new Spared(plan);
  expect(spared.lines()).toEqual([]);
  for (const calls of [10, 5]) {
    spared.see({ type: "node", path: "2/0", state: "done", ms: 1 });
    for (const path of ["2/1", "2/2"])
      spared.see({ type: "node", path, state: "done", ms: 1, calls, skipped: 25 - calls });
  }
  expect(spared.lines()).toEqual(["Gradient, Score: needed in 15 of 50 steps"]);
});

test("what a Differentiate draws is called by its title, and what nobody needed is told", () => {
  const spared = new Spared(plan);
  spared.see({ type: "node", path: "4/1", state: "done", ms: 0, calls: 3, skipped: 7 });
  for (const path of ["2/0", "2/1", "3"]) spared.see({ type: "node", path, state: "skipped" });
  spared.see({ type: "node", path: "2/1", state: "done", ms: 1 });
  expect(spared.lines()).toEqual(["Loss: needed in 3 of 10 steps", "Predict, Picture: not needed"]);
});
