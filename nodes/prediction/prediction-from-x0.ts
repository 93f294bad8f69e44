import { predictionFromX0 } from "../../diffusion/index.ts";
import { wantMeaning } from "../checks.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";
import { drawnFromX0 } from "./drawn.ts";
import { clipDenoised, outputKind, predictionSize } from "./output.ts";

export default defineNode({
  type: "guidegraph/prediction-from-x0",
  version: 1,
  title: "Prediction from x₀",
  category: "prediction",
  description: "Makes the next step's distribution anew from a clean picture that was changed on its way.",
  equation: "μ = μ̃ₜ(xₜ, x₀)",
  reference: "denoised_fn",
  inputs: {
    pred_xstart: port.tensor({ meaning: "x0", help: "From Mean & Variance with the clip off." }),
    x: port.tensor({ meaning: "x" }),
    step: port.step(),
    model_output: port.modelOutput({ optional: true, help: "Supplies the variance; left out, the schedule does." }),
    clip_denoised: clipDenoised(),
  },
  outputs: { prediction: port.prediction() },
  infer: ({ pred_xstart, x, model_output }) => {
    wantMeaning({ pred_xstart }, "x0");
    return { prediction: { ...predictionSize(model_output, { x, pred_xstart }), conditioned: "no" } };
  },
  run: ({ pred_xstart, x, step, model_output, clip_denoised }) => ({
    prediction: predictionFromX0(pred_xstart, model_output?.out, x, step, outputKind(model_output, clip_denoised)),
  }),
  draw: ({ pred_xstart, x, step, model_output, clip_denoised }, drawing) => ({
    prediction: drawnFromX0(drawing, pred_xstart, model_output, { x, step }, clip_denoised),
  }),
});
