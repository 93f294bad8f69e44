import { qSample } from "../../diffusion/index.ts";
import { sameSize, wantMeaning } from "../checks.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";

export default defineNode({
  type: "guidegraph/add-noise",
  version: 1,
  title: "Add Noise",
  category: "process",
  description: "Adds to clean pictures the noise that the step's timestep has, to begin sampling in the middle.",
  equation: "xₜ = √ᾱₜ · x₀ + √(1 − ᾱₜ) · ε",
  reference: "q_sample",
  inputs: {
    x0: port.tensor({ meaning: "x0" }),
    noise: port.tensor({ meaning: "eps", help: "Standard normal values: x_T of Gaussian Noise, or Draw Noise." }),
    step: port.step(),
  },
  outputs: { x: port.tensor({ meaning: "x" }) },
  climbs: true,
  levels: { x: "step" },
  infer: ({ x0, noise }) => {
    wantMeaning({ x0 }, "x0", "x");
    wantMeaning({ noise }, "eps", "x");
    return { x: { ...sameSize({ x0, noise }), meaning: "x" } };
  },
  run: ({ x0, noise, step }) => ({ x: qSample(x0, noise, step.at) }),
  draw: ({ x0, noise, step }, { mix }) => ({ x: mix(qSample, x0, noise, step) }),
});
