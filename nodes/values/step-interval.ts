import type { Step } from "../../diffusion/index.ts";
import { defineNode, GraphError } from "../node.ts";
import * as port from "../port.ts";
import { measures, stepMeasure } from "./step-measures.ts";

export default defineNode({
  type: "guidegraph/step-interval",
  version: 1,
  title: "Step Interval",
  category: "values",
  description: "Says in which steps something is done: the loop's every k-th, as far as they lie from here to there.",
  equation: "condition = 1 where from ≤ m(step) ≤ to and n mod every = 0, else 0",
  reference: "guidance interval (arXiv:2404.07724), limited interval, start_at, end_at",
  inputs: {
    step: port.step(),
    measure: port.text({
      default: "progress",
      choices: Object.keys(measures),
      help: "What from and to are in: Step Value has the same numbers.",
    }),
    from: port.number({ default: 0, help: "The least, itself included." }),
    to: port.number({ default: 1, help: "The greatest, itself included." }),
    every: port.number({
      default: 1,
      min: 1,
      integer: true,
      help: "Of the loop's steps, counted from its first, every k-th.",
    }),
  },
  outputs: { condition: port.numberOut({ help: "1 in these steps, else 0: for Switch, or as a factor." }) },
  foretold: true,
  infer: (_, known) => {
    const [from, to] = [known.parameter("from"), known.parameter("to")];
    if (typeof from === "number" && typeof to === "number") wantOrder(from, to);
    return {};
  },
  run: ({ step, measure, from, to, every }) => {
    wantOrder(from, to);
    return { condition: isInside(step, measure, from, to) && step.taken % every === 0 ? 1 : 0 };
  },
});

function isInside(step: Step, measure: string, from: number, to: number): boolean {
  const value = stepMeasure(step, measure as keyof typeof measures);
  return value >= from && value <= to;
}

function wantOrder(from: number, to: number): void {
  if (from > to) throw new GraphError(`No step lies from ${from} to ${to}: the first must not be the greater`, "from");
}
