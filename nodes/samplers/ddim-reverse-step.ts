import { changed, ddimReverse, ddimReverseStep } from "../../diffusion/index.ts";
import { sameSize, wantMeaning, wantWholeGuidance } from "../checks.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";

export default defineNode({
  type: "guidegraph/ddim-reverse-step",
  version: 1,
  title: "DDIM Reverse Step",
  category: "samplers",
  description: "Goes one step back towards noise along DDIM's deterministic path, to invert a picture.",
  equation: "xₜ₊₁ = √ᾱₜ₊₁ · x₀ + √(1 − ᾱₜ₊₁) · ε",
  reference: "ddim_reverse_sample",
  inputs: {
    prediction: port.prediction(),
    x: port.tensor({ meaning: "x", optional: true, help: "The prediction's own, unless wired." }),
    step: port.step({ optional: true, help: "The prediction's own, unless wired." }),
  },
  outputs: { x: port.tensor({ meaning: "x" }) },
  climbs: true,
  levels: { x: "later" },
  infer: ({ prediction, x }) => {
    wantMeaning({ x }, "x", "x0");
    wantWholeGuidance(prediction);
    return { x: { ...sameSize({ prediction, x }), meaning: "x" } };
  },
  run: ({ prediction, x = prediction.x, step = prediction.step }) => {
    wantWholeGuidance(prediction);
    return { x: ddimReverseStep(changed(prediction, { x, step })) };
  },
  draw: ({ prediction, x = prediction.x, step = prediction.step }, { mix }) => {
    wantWholeGuidance(prediction);
    return { x: mix(ddimReverse, prediction.x0, x, step) };
  },
});
