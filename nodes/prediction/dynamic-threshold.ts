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
});
