import { dpmSolverMean, dpmSolverSigma, dpmSolverStep, previousWeight } from "../../diffusion/index.ts";
import { knownNumber, sameSize, wantNoNoise, wantWholeGuidance } from "../checks.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";

export default defineNode({
  type: "guidegraph/dpm-solver-step",
  version: 1,
  title: "DPM-Solver Step",
  category: "samplers",
  description: "Goes towards the clean picture along a straighter path, using what was predicted a step before.",
  equation: "xₜ₋₁ = σₜ₋₁/σₜ · e^(−ηh) · xₜ + αₜ₋₁ · (1 − e^(−(1 + η)h)) · D + σₜ₋₁ · √(1 − e^(−2ηh)) · z",
  reference: "DPM-Solver++(2M), 2M SDE",
  inputs: {
    prediction: port.prediction(),
    previous: port.prediction({
      optional: true,
      carried: true,
      help: "The last step's, carried by the loop; absent in the first.",
    }),
    noise: port.noise({ optional: true, help: "Needed when eta is above 0." }),
    eta: port.number({ default: 0, min: 0, max: 1, help: "0 solves the ODE (2M), 1 the SDE (2M SDE)." }),
  },
  outputs: {
    x: port.tensor({ meaning: "x" }),
    prediction: port.prediction({ help: "As it came, to be carried to the next step." }),
  },
  draws: (parameter) => knownNumber(parameter("eta")) !== 0,
  levels: { x: "earlier" },
  infer: ({ prediction, previous, noise }, known) => {
    wantWholeGuidance(prediction);
    if (!noise) wantNoNoise("DPM-Solver", knownNumber(known.parameter("eta")) ?? 0);
    const size = sameSize({ prediction, previous, noise });
    return { x: { ...size, meaning: "x" }, prediction: { ...prediction } };
  },
  run: ({ prediction, previous, noise, eta }) => {
    wantWholeGuidance(prediction);
    if (!noise) wantNoNoise("DPM-Solver", eta);
    return { x: dpmSolverStep(prediction, previous, noise, eta), prediction };
  },
  draw: ({ prediction, previous, noise, eta }, { op }) => {
    wantWholeGuidance(prediction);
    const { x0, x, step } = prediction;
    const weight = previous && step.and(previous.step).number(([step, before]) => previousWeight(step, before));
    const d = previous && weight ? op.Add(x0, op.Mul(weight, op.Sub(x0, previous.x0))) : x0;
    const both = step.and(eta);
    const [a, b] = ([0, 1] as const).map((i) => both.number(([{ at }, eta]) => dpmSolverMean(eta).coefficients(at)[i]));
    const mean = op.Add(op.Mul(x, a), op.Mul(d, b));
    const sigma = both.map(([step, eta]) => {
      if (!noise) wantNoNoise("DPM-Solver", eta);
      return dpmSolverSigma(step, eta);
    });
    return { x: op.Add(mean, noise?.draw(step, sigma) ?? sigma.number((sigma) => sigma)), prediction };
  },
});
