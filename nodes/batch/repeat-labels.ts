import { facts, knownNumber } from "../checks.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";

export default defineNode({
  type: "guidegraph/repeat-labels",
  version: 1,
  title: "Repeat Labels",
  category: "batch",
  description: "Repeats each label, as Repeat does each sample, for the draws of one.",
  equation: "a, b → a, a, b, b",
  reference: "repeat_interleave",
  inputs: {
    labels: port.labels(),
    times: port.number({ default: 4, min: 1, max: 4096, integer: true, help: "As Repeat." }),
  },
  outputs: { labels: port.labels() },
  infer: ({ labels }, known) => {
    const times = knownNumber(known.parameter("times"));
    const { batch, max } = labels ?? {};
    return { labels: facts({ max, batch: batch === undefined || times === undefined ? undefined : batch * times }) };
  },
  run: ({ labels: { values }, times }) => ({
    labels: { values: values.flatMap((label) => new Array<number>(times).fill(label)) },
  }),
  undrawn: "repeats whole numbers, which have no derivative",
  draw: ({ labels, times }, { op }) => ({
    labels: {
      each: (check) => {
        const repeated = op.Tile(op.Unsqueeze(labels.each(check), op.int64([1])), op.int64([1, times.fixed]));
        return op.Reshape(repeated, op.int64([-1]));
      },
    },
  }),
});
