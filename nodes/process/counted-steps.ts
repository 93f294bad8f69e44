import { countedSteps } from "../../diffusion/index.ts";
import { atPort } from "../checks.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";

/** As many as a list of a loop may have. */
const maxCount = 100_000;

export default defineNode({
  type: "guidegraph/counted-steps",
  version: 1,
  title: "Counted Steps",
  category: "process",
  description: "Lets a Sampling Loop go so many times: its steps have numbers and draws, and no noise.",
  equation: "for i in 1 … count",
  reference: "range, num_iterations, inner loop, optimiser steps",
  inputs: { count: port.number({ default: 10, min: 1, max: maxCount, integer: true }) },
  outputs: { schedule: port.schedule() },
  foretold: true,
  infer: (_, known) => {
    const count = known.parameter("count");
    if (typeof count !== "number") return { schedule: { isCounted: true } };
    return { schedule: { isCounted: true, count, made: { counted: count } } };
  },
  run: ({ count }) => ({ schedule: atPort("count", () => countedSteps(count)) }),
});
