import { dpmSolverMean, dpmSolverStep, previousWeight } from "../../diffusion/index.ts";
import { sameSize, wantWholeGuidance } from "../checks.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";

export default defineNode({
  type: "guidegraph/dpm-solver-step",
  version: 1,
  title: "DPM-Solver Step",
  category: "samplers",
  description: "Goes towards the clean picture along a straighter path, using what was predicted a step before.",
  equation: "xₜ₋₁ = σₜ₋₁/σₜ · xₜ + αₜ₋₁ · (1 − e⁻ʰ) · D",
  reference: "DPM-Solver++(2M)",
  inputs: {
    prediction: port.prediction(),
    previous: port.prediction({ optional: true, help: "The last step's, carried by the loop; absent in the first." }),
  },
  outputs: {
    x: port.tensor({ meaning: "x" }),
    prediction: port.prediction({ help: "As it came, to be carried to the next step." }),
  },
  infer: ({ prediction, previous }) => {
    wantWholeGuidance(prediction);
    const size = sameSize({ prediction, previous });
    return { x: { ...size, meaning: "x" }, prediction: { ...prediction } };
  },
  run: ({ prediction, previous }) => {
    wantWholeGuidance(prediction);
    return { x: dpmSolverStep(prediction, previous), prediction };
  },
  draw: ({ prediction, previous }, { op, mix }) => {
    wantWholeGuidance(prediction);
    const { x0, x, step } = prediction;
    const weight = previous && step.and(previous.step).number(([step, before]) => previousWeight(step, before));
    const d = previous && weight ? op.Add(x0, op.Mul(weight, op.Sub(x0, previous.x0))) : x0;
    return { x: mix(dpmSolverMean, x, d, step), prediction };
  },
});
