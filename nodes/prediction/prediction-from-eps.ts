import { predictionFromEps } from "../../diffusion/index.ts";
import { wantMeaning } from "../checks.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";
import { drawnFromEps } from "./drawn.ts";
import { clipDenoised, outputKind, predictionSize } from "./output.ts";

export default defineNode({
  type: "guidegraph/prediction-from-eps",
  version: 1,
  title: "Prediction from ε",
  category: "prediction",
  description: "Makes the next step's distribution anew from a noise prediction that was changed on its way.",
  equation: "x₀ = √(1/ᾱₜ) · xₜ − √(1/ᾱₜ − 1) · ε",
  reference: "_predict_xstart_from_eps",
  inputs: {
    eps: port.tensor({ meaning: "eps" }),
    x: port.tensor({ meaning: "x" }),
    step: port.step(),
    model_output: port.modelOutput({ optional: true, help: "Supplies the variance; left out, the schedule does." }),
    clip_denoised: clipDenoised(),
  },
  outputs: { prediction: port.prediction() },
  infer: ({ eps, x, model_output }) => {
    wantMeaning({ eps }, "eps");
    return { prediction: { ...predictionSize(model_output, { x, eps }), conditioned: "no" } };
  },
  run: ({ eps, x, step, model_output, clip_denoised }) => ({
    prediction: predictionFromEps(eps, model_output?.out, x, step, outputKind(model_output, clip_denoised)),
  }),
  draw: ({ eps, x, step, model_output, clip_denoised }, drawing) => ({
    prediction: drawnFromEps(drawing, eps, model_output, { x, step }, clip_denoised),
  }),
});
