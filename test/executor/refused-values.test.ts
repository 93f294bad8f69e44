/** Numbers that a wire brings and that are known before a run are told where they would stop it, as typed ones are. */
import { expect, test } from "vitest";
import { survey } from "../../executor/index.ts";
import { documentBuilder, type InnerBuilder, type Wire } from "../../graphs/document/index.ts";
import { nodes } from "../../nodes/index.ts";
import { fakeKnown } from "../support/fake-context.ts";

type At = Pick<InnerBuilder, "add">;
const formula = (b: At, text: string, given: Readonly<Record<string, Wire>> = {}): Wire =>
  b.add("guidegraph/formula", { formula: text, ...given }).out("tensor");
const number = (b: At, value: number): Wire => b.add("guidegraph/number", { value }).out("number");
const scores = (b: At, x: Wire): Wire => b.add("guidegraph/reduce", { tensor: x }).out("tensor");

/** Of x, 4×3×8×8. `step`: of the loop around, of ten. */
const cases: Readonly<
  Record<string, { readonly make: (b: At, x: Wire, step: Wire) => Wire; readonly says: string | undefined }>
> = {
  "Gather by a number that is there": {
    make: (b, x) => b.add("guidegraph/gather", { tensor: x, indices: formula(b, "3") }).out("tensor"),
    says: undefined,
  },
  "Gather by a number": {
    make: (b, x) => b.add("guidegraph/gather", { tensor: x, indices: formula(b, "7") }).out("tensor"),
    says: "Here a run that needs it will stop: Cannot take sample 7: the batch has samples 0 to 3",
  },
  "Gather by a number that is wired to a formula": {
    make: (b, x) =>
      b.add("guidegraph/gather", { tensor: x, indices: formula(b, "2 * a", { a: number(b, 2) }) }).out("tensor"),
    says: "Here a run that needs it will stop: Cannot take sample 4: the batch has samples 0 to 3",
  },
  "Gather by what the step comes to": {
    make: (b, x, step) =>
      b
        .add("guidegraph/gather", { tensor: x, indices: formula(b, "index / 2 - 0.5 * (index > 9)", { step }) })
        .out("tensor"),
    says: "In step 1 of the 10 of “Loop” a run that needs it will stop: Cannot take sample 4.5: the batch has samples 0 to 3",
  },
  "Gather from a smaller batch than was ranked": {
    make: (b, x) => {
      const two = b.add("guidegraph/gather", { tensor: x, indices: formula(b, "0") }).out("tensor");
      const indices = b.add("guidegraph/rank", { scores: scores(b, x), of: 2 }).out("indices");
      return b.add("guidegraph/gather", { tensor: two, indices }).out("tensor");
    },
    says: "Cannot take sample 2: the batch has samples 0 to 0",
  },
  "Pick by a wired number": {
    make: (b, x) => b.add("guidegraph/pick", { tensor: x, index: number(b, 3) }).out("tensor"),
    says: "Here a run that needs it will stop: Cannot pick 3: there are the channels 0 to 2",
  },
  "Pick by a formula": {
    make: (b, x) => b.add("guidegraph/pick", { tensor: x, index: formula(b, "1 - 2") }).out("tensor"),
    says: "Here a run that needs it will stop: It must be a number of at least 0, not -1",
  },
  "Pick by a label": {
    make: (b, x) => {
      const labels = b.add("guidegraph/class-labels", { classes: "0,1,2,3" }).out("labels");
      return b.add("guidegraph/pick", { tensor: x, labels }).out("tensor");
    },
    says: "Cannot use label 3: the tensor has 3 classes, 0 to 2",
  },
  "Rank more than a group has": {
    make: (b, x) => {
      const indices = b.add("guidegraph/rank", { scores: scores(b, x), of: 2, count: number(b, 3) }).out("indices");
      return b.add("guidegraph/gather", { tensor: x, indices }).out("tensor");
    },
    says: "Here a run that needs it will stop: Cannot take the best 3 of groups of 2",
  },
  "a number that its port does not take": {
    make: (b, x) => b.add("guidegraph/repeat", { tensor: x, times: number(b, 0) }).out("tensor"),
    says: "Here a run that needs it will stop: ",
  },
};

test.each(Object.entries(cases))("%s", (_, { make, says }) => {
  const b = documentBuilder(nodes);
  const schedule = b.add("guidegraph/diffusion-schedule", { timestep_respacing: "ddim10" }).out("schedule");
  const x = b.add("guidegraph/gaussian-noise", { batch: 4, height: 8, width: 8, channels: 3 }).out("x_T");
  const loop = b.loop("Loop", { schedule, x }, (inner) => {
    const [x, step] = [inner.input("x", "tensor"), inner.input("step", "step")];
    inner.output("y", "tensor", make(inner, x, step));
    inner.output("x", "tensor", x);
  });
  b.add("guidegraph/save-tensor", { tensor: loop.out("y") });
  const { problems, notes } = survey(b.document(), nodes, fakeKnown());
  const told = [...problems, ...notes].map(({ message }) => message);
  if (says === undefined) expect(told).toEqual([]);
  else expect(told).toContainEqual(expect.stringContaining(says));
  expect(told.length).toBeLessThanOrEqual(1);
});
