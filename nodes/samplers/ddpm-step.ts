import { changed, ddpmStep } from "../../diffusion/index.ts";
import { sameSize } from "../checks.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";

export default defineNode({
  type: "guidegraph/ddpm-step",
  version: 1,
  title: "DDPM Step",
  category: "samplers",
  description: "Draws the next x from the predicted distribution; the last step takes its mean.",
  equation: "xₜ₋₁ = μ + σ · z",
  reference: "p_sample",
  inputs: {
    prediction: port.prediction(),
    step: port.step({ optional: true, help: "The prediction's own, unless wired." }),
    noise: port.noise(),
  },
  outputs: { x: port.tensor({ meaning: "x" }) },
  levels: { x: "earlier" },
  infer: ({ prediction, noise }) => ({ x: { ...sameSize({ prediction, noise }), meaning: "x" } }),
  run: ({ prediction, step = prediction.step, noise }) => ({ x: ddpmStep(changed(prediction, { step }), noise) }),
  draw: ({ prediction, step = prediction.step, noise }, { op }) => {
    // The step that leads to x₀ adds no noise.
    const isNoisy = step.map(({ earlier }) => (earlier === undefined ? 0 : 1));
    return { x: op.Add(prediction.mean, op.Mul(op.Sqrt(prediction.variance), noise.draw(step, isNoisy))) };
  },
});
