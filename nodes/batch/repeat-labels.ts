import { facts, knownNumber } from "../checks.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";
import { repeatOrder } from "./repeat-order.ts";

export default defineNode({
  type: "guidegraph/repeat-labels",
  version: 1,
  title: "Repeat Labels",
  category: "batch",
  description: "Repeats labels, as Repeat does samples, for the draws of each.",
  equation: "a, b → a, a, b, b or a, b, a, b",
  reference: "repeat_interleave, tile",
  inputs: {
    labels: port.labels(),
    times: port.number({ default: 4, min: 1, max: 4096, integer: true, help: "As Repeat." }),
    order: repeatOrder,
  },
  outputs: { labels: port.labels() },
  infer: ({ labels }, known) => {
    const times = knownNumber(known.parameter("times"));
    const { batch, max } = labels ?? {};
    return { labels: facts({ max, batch: batch === undefined || times === undefined ? undefined : batch * times }) };
  },
  run: ({ labels: { values }, times, order }) => {
    const each = (label: number) => new Array<number>(times).fill(label);
    const all = () => new Array<readonly number[]>(times).fill(values).flat();
    return { labels: { values: order === "all" ? all() : values.flatMap(each) } };
  },
  undrawn: "repeats whole numbers, which have no derivative",
  draw: ({ labels, times, order }, { op }) => ({
    labels: {
      each: (check) => {
        if (order === "all") return op.Tile(labels.each(check), op.int64([times.fixed]));
        const repeated = op.Tile(op.Unsqueeze(labels.each(check), op.int64([1])), op.int64([1, times.fixed]));
        return op.Reshape(repeated, op.int64([-1]));
      },
    },
  }),
});
