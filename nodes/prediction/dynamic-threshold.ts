import { dynamicThreshold } from "../../diffusion/index.ts";
import { sameSize, wantMeaning } from "../checks.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";

export default defineNode({
  type: "guidegraph/dynamic-threshold",
  version: 1,
  title: "Dynamic Threshold",
  category: "prediction",
  description: "Pulls a predicted clean picture back into range as a whole, where a clip would saturate it.",
  equation: "x₀ = clamp(x₀, −s, s) / s",
  reference: "denoised_fn, dynamic thresholding",
  inputs: {
    pred_xstart: port.tensor({ meaning: "x0", help: "From Mean & Variance with the clip off." }),
    percentile: port.number({ default: 0.995, min: 0, max: 1, help: "s is this percentile of |x₀|, at least 1." }),
  },
  outputs: { pred_xstart: port.tensor({ meaning: "x0", help: "For Prediction from x₀." }) },
  infer: ({ pred_xstart }) => {
    wantMeaning({ pred_xstart }, "x0");
    return { pred_xstart: { ...sameSize({ pred_xstart }), meaning: "x0" } };
  },
  undrawn: "sorts values to find a percentile",
  run: ({ pred_xstart, percentile }) => ({ pred_xstart: dynamicThreshold(pred_xstart, percentile) }),
  draw: ({ pred_xstart, percentile }, { op, shape }) => {
    const size = shape(pred_xstart)
      .slice(1)
      .map(Number)
      .reduce((product, dim) => product * dim, 1);
    const at = percentile.fixed * (size - 1);
    const below = Math.floor(at);
    // The largest values, in falling order: the last two are those on either side of the percentile.
    const each = op.Abs(op.Reshape(pred_xstart, op.int64([0, size])));
    const [largest] = op.add("TopK", [each, op.int64([size - below])], { axis: 1 }, 2);
    const valueAt = (index: number) =>
      op.Slice(largest, op.int64([size - 1 - index]), op.int64([size - index]), op.int64([1]));
    const [low, high] = [valueAt(below), valueAt(Math.min(below + 1, size - 1))];
    const s = op.Unsqueeze(op.Max(1, op.Add(low, op.Mul(op.Sub(high, low), at - below))), op.int64([2, 3]));
    return { pred_xstart: op.Div(op.Min(op.Max(pred_xstart, op.Neg(s)), s), s) };
  },
});
