import { changed, conditionMean } from "../../diffusion/index.ts";
import { sameSize, wantMeaning } from "../checks.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";

export default defineNode({
  type: "guidegraph/condition-mean",
  version: 1,
  title: "Condition Mean",
  category: "guidance",
  description: "Moves the mean of a reverse step along a gradient, in proportion to the step's variance.",
  equation: "μ̂ = μ + Σ · g",
  reference: "condition_mean",
  inputs: {
    prediction: port.prediction(),
    gradient: port.tensor({ meaning: "gradient" }), // ∇ₓ log p(y | xₜ), scale included
  },
  outputs: { prediction: port.prediction() },
  infer: ({ prediction, gradient }) => {
    wantMeaning({ gradient }, "gradient");
    return { prediction: { ...sameSize({ prediction, gradient }), conditioned: "mean" } };
  },
  run: ({ prediction, gradient }) => ({ prediction: conditionMean(prediction, gradient) }),
  draw: ({ prediction, gradient }, { op }) => {
    const mean = op.Add(prediction.mean, op.Mul(prediction.variance, gradient));
    return { prediction: changed(prediction, { mean, conditioned: "mean" }) };
  },
});
