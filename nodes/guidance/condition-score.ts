import { changed, conditionScore, posteriorMean, scoreOnX0 } from "../../diffusion/index.ts";
import { sameSize, wantMeaning, wantWholeGuidance } from "../checks.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";

export default defineNode({
  type: "guidegraph/condition-score",
  version: 1,
  title: "Condition Score",
  category: "guidance",
  description: "Moves the predicted noise against a gradient, and x₀ and the mean with it, as DDIM needs.",
  equation: "ε̂ = ε − √(1 − ᾱₜ) · g",
  reference: "condition_score",
  inputs: {
    prediction: port.prediction(),
    gradient: port.tensor({ meaning: "gradient" }), // ∇ₓ log p(y | xₜ), scale included
    x: port.tensor({ meaning: "x", optional: true, help: "The prediction's own, unless wired." }),
    step: port.step({ optional: true, help: "The prediction's own, unless wired." }),
  },
  outputs: { prediction: port.prediction() },
  infer: ({ prediction, gradient, x }) => {
    wantMeaning({ gradient }, "gradient");
    wantMeaning({ x }, "x", "x0");
    wantWholeGuidance(prediction);
    return { prediction: { ...sameSize({ prediction, gradient, x }), conditioned: "score" } };
  },
  run: ({ prediction, gradient, x = prediction.x, step = prediction.step }) => {
    wantWholeGuidance(prediction);
    return { prediction: conditionScore(changed(prediction, { x, step }), gradient) };
  },
  draw: ({ prediction, gradient, x = prediction.x, step = prediction.step }, { mix }) => {
    wantWholeGuidance(prediction);
    const x0 = mix(scoreOnX0, prediction.x0, gradient, step);
    const mean = mix(posteriorMean, x0, x, step);
    return { prediction: changed(prediction, { x0, mean, x, step, conditioned: "score" }) };
  },
});
