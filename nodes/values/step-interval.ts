import type { Step } from "../../diffusion/index.ts";
import { defineNode, GraphError } from "../node.ts";
import * as port from "../port.ts";
import { rangeAlong } from "./along.ts";
import { measures, type StepNumber, stepMeasure, wantCounted } from "./step-measures.ts";

export default defineNode({
  type: "guidegraph/step-interval",
  version: 1,
  title: "Step Interval",
  category: "values",
  description: "Says in which steps something is done: the loop's every k-th, as far as they lie from here to there.",
  equation: "condition = 1 where from ≤ m(step) ≤ to and n mod every = 0, else 0",
  reference: "guidance interval (arXiv:2404.07724), limited interval, start_at, end_at",
  inputs: {
    step: port.step({ counted: true }),
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
  infer: ({ step }, known) => {
    const measure = known.parameter("measure");
    if (typeof measure === "string") wantCounted([measure], step, "measure");
    const [from, to] = [known.parameter("from"), known.parameter("to")];
    if (typeof from === "number" && typeof to === "number") wantOrder(from, to);
    return {};
  },
  notesAlong: (steps, loop) => {
    const all = steps.filter(isWhole);
    const [{ measure, from, to, every } = {}] = all;
    if (all.length < steps.length || measure === undefined || from === undefined || to === undefined) return {};
    const chosen = all.filter(isChosen).length;
    const inside = all.filter(({ step, measure, from, to }) => isInside(step, measure, from, to)).length;
    const range = rangeAlong(
      measure as StepNumber,
      all.map(({ step }) => step),
    );
    const of = `of the ${all.length} steps of “${loop}”`;
    if (inside === 0) return { to: `It chooses none ${of}: ${range}, and none of them lies from ${from} to ${to}` };
    if (chosen === 0)
      return {
        every: `It chooses none ${of}: every ${every} steps from the first, none lies from ${from} to ${to}: widen them, or lower every`,
      };
    if (every! >= all.length && all.length > 1)
      return {
        every: `It chooses the first alone ${of}: every ${every} steps from it there is no other, so lower every`,
      };
    const isAll = measure === "progress" && from <= 0 && to >= 1;
    if (chosen === all.length && !isAll) return { to: `It chooses each ${of}: ${range}` };
    const isUntouched = measure !== "progress" && from === 0 && to === 1;
    return isUntouched && chosen <= all.length / 5
      ? { to: `It chooses ${chosen} ${of}: ${range}, and from ${from} to ${to} is in ${measure}` }
      : {};
  },
  run: (given) => {
    wantOrder(given.from, given.to);
    return { condition: isChosen(given) ? 1 : 0 };
  },
});

interface Given {
  readonly step: Step;
  readonly measure: string;
  readonly from: number;
  readonly to: number;
  readonly every: number;
}

const isWhole = (given: Partial<Given>): given is Given =>
  (["step", "measure", "from", "to", "every"] as const).every((name) => given[name] !== undefined);

const isChosen = ({ step, measure, from, to, every }: Given): boolean =>
  isInside(step, measure, from, to) && step.taken % every === 0;

function isInside(step: Step, measure: string, from: number, to: number): boolean {
  const value = stepMeasure(step, measure as keyof typeof measures);
  return value >= from && value <= to;
}

function wantOrder(from: number, to: number): void {
  if (from > to) throw new GraphError(`No step lies from ${from} to ${to}: the first must not be the greater`, "from");
}
