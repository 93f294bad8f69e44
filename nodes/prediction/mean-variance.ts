import { epsOf, predict } from "../../diffusion/index.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";
import { drawnEps, drawnPredict } from "./drawn.ts";
import { clipDenoised, outputKind, predictionSize } from "./output.ts";

export default defineNode({
  type: "guidegraph/mean-variance",
  version: 1,
  title: "Mean & Variance",
  category: "prediction",
  description:
    "Turns the model's output into the next step's distribution: its mean, its variance and the clean picture.",
  equation: "p(xₜ₋₁ | xₜ) = N(μ, Σ)",
  reference: "p_mean_variance",
  inputs: {
    model_output: port.modelOutput(),
    x: port.tensor({ meaning: "x" }),
    step: port.step(),
    clip_denoised: clipDenoised(),
  },
  outputs: {
    prediction: port.prediction(),
    mean: port.tensor({ meaning: "mean" }),
    pred_xstart: port.tensor({ meaning: "x0", help: "After the clip; switch it off for the raw one." }),
    eps: port.tensor({ meaning: "eps", help: "The noise that belongs to pred_xstart." }),
  },
  infer: ({ model_output, x }) => {
    const size = predictionSize(model_output, { x });
    return {
      prediction: { ...size, conditioned: "no" },
      mean: { ...size, meaning: "mean" },
      pred_xstart: { ...size, meaning: "x0" },
      eps: { ...size, meaning: "eps" },
    };
  },
  run: ({ model_output, x, step, clip_denoised }) => {
    const prediction = predict(model_output.out, x, step, outputKind(model_output, clip_denoised));
    return { prediction, mean: prediction.mean, pred_xstart: prediction.x0, eps: epsOf(prediction) };
  },
  draw: ({ model_output, x, step, clip_denoised }, drawing) => {
    const prediction = drawnPredict(drawing, model_output, { x, step }, clip_denoised);
    return { prediction, mean: prediction.mean, pred_xstart: prediction.x0, eps: drawnEps(drawing, prediction) };
  },
});
