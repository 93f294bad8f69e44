import { type DrawReduction, groupsOf, reduceDraws } from "../../diffusion/index.ts";
import { atPort, facts, knownNumber } from "../checks.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";
import { sameMeaning } from "../tensors/meaning.ts";
import { grouped, groupParameter } from "./groups.ts";

export default defineNode({
  type: "guidegraph/reduce-draws",
  version: 1,
  title: "Reduce Draws",
  category: "batch",
  description:
    "Makes one sample of several draws of it: their mean, their sum, the largest, or the mean of exponentials.",
  equation: "1/n · Σₖ xₖ,  log 1/n · Σₖ exp xₖ",
  reference: "Monte Carlo estimate, logsumexp, ensemble",
  inputs: {
    tensor: port.tensor(),
    of: groupParameter("Neighbouring samples that are draws of one"),
    by: port.text({ default: "mean", choices: ["mean", "sum", "max", "log-mean-exp"] }),
  },
  outputs: { tensor: port.tensor() },
  infer: ({ tensor }, known) => {
    const { channels, height, width } = tensor ?? {};
    const { groups } = grouped(knownNumber(known.parameter("of")), tensor);
    return { tensor: { ...facts({ batch: groups, channels, height, width }), ...sameMeaning(tensor) } };
  },
  run: ({ tensor, of, by }) => {
    const each = of || tensor.dims[0];
    atPort("of", () => groupsOf(tensor.dims[0], each));
    return { tensor: reduceDraws(tensor, each, by as DrawReduction) };
  },
  draw: ({ tensor, of, by }, { op, shape }) => {
    const [, ...sample] = shape(tensor).map(Number);
    const each = of.fixed;
    const draws = op.Reshape(tensor, op.int64(each === 0 ? [1, -1, ...sample] : [-1, each, ...sample]));
    const axes = op.int64([1]);
    const operators = { mean: op.ReduceMean, sum: op.ReduceSum, max: op.ReduceMax };
    if (by !== "log-mean-exp") return { tensor: operators[by as keyof typeof operators](draws, axes, { keepdims: 0 }) };
    // Less the largest, so that nothing overflows.
    const most = op.ReduceMax(draws, axes, { keepdims: 1 });
    const mean = op.ReduceMean(op.Exp(op.Sub(draws, most)), axes, { keepdims: 0 });
    return { tensor: op.Add(op.Log(mean), op.Squeeze(most, axes)) };
  },
});
