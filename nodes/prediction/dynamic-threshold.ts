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
    percentile: port.number({
      default: 0.995,
      min: 0,
      max: 1,
      help: "s is this percentile of |x₀|, at least 1. In a Differentiate it has the slope of the values that it lies between.",
    }),
  },
  outputs: { pred_xstart: port.tensor({ meaning: "x0", help: "For Prediction from x₀." }) },
  infer: ({ pred_xstart }) => {
    wantMeaning({ pred_xstart }, "x0");
    return { pred_xstart: { ...sameSize({ pred_xstart }), meaning: "x0" } };
  },
  run: ({ pred_xstart, percentile }) => ({ pred_xstart: dynamicThreshold(pred_xstart, percentile) }),
  draw: ({ pred_xstart, percentile }, { op, shape }) => {
    const size = shape(pred_xstart)
      .slice(1)
      .map(Number)
      .reduce((product, dim) => product * dim, 1);
    const at = (of: (place: number) => number) => percentile.number((part) => of(part * (size - 1)));
    // All in rising order, so that the percentile may be another in each step.
    const each = op.Abs(op.Reshape(pred_xstart, op.int64([0, size])));
    const [sorted] = op.add("TopK", [each, op.int64([size])], { axis: 1, largest: 0 }, 2);
    const valueAt = (of: (place: number) => number) =>
      op.Gather(sorted, op.Reshape(op.Cast(at(of), { to: "int64" }), op.int64([1])), { axis: 1 });
    const [low, high] = [valueAt(Math.floor), valueAt((place) => Math.min(Math.floor(place) + 1, size - 1))];
    const between = at((place) => place - Math.floor(place));
    const s = op.Unsqueeze(op.Max(1, op.Add(low, op.Mul(op.Sub(high, low), between))), op.int64([2, 3]));
    return { pred_xstart: op.Div(op.Min(op.Max(pred_xstart, op.Neg(s)), s), s) };
  },
});
