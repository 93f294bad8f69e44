import { epsOf } from "../../diffusion/index.ts";
import { sameSize } from "../checks.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";
import { drawnEps } from "./drawn.ts";

export default defineNode({
  type: "guidegraph/open-prediction",
  version: 1,
  title: "Open Prediction",
  category: "prediction",
  description: "Gives what a prediction is made of, as it is by now: guided, clipped or changed.",
  equation: "μ, Σ, x₀, ε = (xₜ − √ᾱₜ · x₀) / √(1 − ᾱₜ)",
  reference: "p_mean_variance, pred_xstart",
  inputs: { prediction: port.prediction() },
  outputs: {
    mean: port.tensor({ meaning: "mean" }),
    variance: port.tensor({ help: "Σ, a value for each of the picture's." }),
    log_variance: port.tensor(),
    pred_xstart: port.tensor({ meaning: "x0" }),
    eps: port.tensor({ meaning: "eps", help: "The noise that belongs to pred_xstart." }),
    x: port.tensor({ meaning: "x", help: "What it was made from." }),
  },
  infer: ({ prediction }) => {
    const size = sameSize({ prediction });
    return {
      mean: { ...size, meaning: "mean" },
      variance: size,
      log_variance: size,
      pred_xstart: { ...size, meaning: "x0" },
      eps: { ...size, meaning: "eps" },
      x: { ...size, meaning: "x" },
    };
  },
  run: ({ prediction }) => {
    const { mean, variance, logVariance, x0, x } = prediction;
    return { mean, variance, log_variance: logVariance, pred_xstart: x0, eps: epsOf(prediction), x };
  },
  draw: ({ prediction }, drawing) => {
    const { mean, variance, logVariance, x0, x } = prediction;
    return { mean, variance, log_variance: logVariance, pred_xstart: x0, eps: drawnEps(drawing, prediction), x };
  },
});
