import { changed, changePrediction, map, posteriorMean } from "../../diffusion/index.ts";
import { sameSize, wantWholeGuidance } from "../checks.ts";
import { defineNode, GraphError } from "../node.ts";
import * as port from "../port.ts";

export default defineNode({
  type: "guidegraph/clip-prediction",
  version: 1,
  title: "Clip Prediction",
  category: "prediction",
  description: "Clamps the predicted clean picture once more, after guidance has moved it beyond what pictures are.",
  equation: "x₀ = clamp(x₀, low, high),  μ = μ̃ₜ(xₜ, x₀)",
  reference: "clip_denoised after condition_score",
  inputs: {
    prediction: port.prediction(),
    low: port.number({ default: -1 }),
    high: port.number({ default: 1 }),
  },
  outputs: { prediction: port.prediction() },
  infer: ({ prediction }, known) => {
    wantWholeGuidance(prediction);
    const [low, high] = [known.parameter("low"), known.parameter("high")];
    if (typeof low === "number" && typeof high === "number") wantOrder(low, high);
    return {
      prediction: {
        ...sameSize({ prediction }),
        ...(prediction?.conditioned && { conditioned: prediction.conditioned }),
      },
    };
  },
  run: ({ prediction, low, high }) => {
    wantWholeGuidance(prediction);
    wantOrder(low, high);
    const x0 = map(prediction.x0, (value) => Math.min(Math.max(value, low), high));
    return { prediction: changePrediction(prediction, { x0 }) };
  },
  draw: ({ prediction, low, high }, { clip, mix }) => {
    wantWholeGuidance(prediction);
    const x0 = clip(prediction.x0, low.value, high.value);
    return { prediction: changed(prediction, { x0, mean: mix(posteriorMean, x0, prediction.x, prediction.step) }) };
  },
});

function wantOrder(low: number, high: number): void {
  if (low > high) throw new GraphError(`No value lies from ${low} to ${high}: low must not be the greater`, "low");
}
