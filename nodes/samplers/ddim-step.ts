import { changed, ddimMean, ddimSigma, ddimStep } from "../../diffusion/index.ts";
import { knownNumber, sameSize, wantMeaning, wantNoNoise, wantWholeGuidance } from "../checks.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";

export default defineNode({
  type: "guidegraph/ddim-step",
  version: 1,
  title: "DDIM Step",
  category: "samplers",
  description: "Goes straight towards the predicted clean picture, with as much fresh noise as eta says.",
  equation: "xₜ₋₁ = √ᾱₜ₋₁ · x₀ + √(1 − ᾱₜ₋₁ − σ²) · ε + σ · z",
  reference: "ddim_sample",
  inputs: {
    prediction: port.prediction(),
    x: port.tensor({ meaning: "x", optional: true, help: "The prediction's own, unless wired." }),
    step: port.step({ optional: true, help: "The prediction's own, unless wired." }),
    noise: port.noise({ optional: true, help: "Needed when eta is above 0." }),
    eta: port.number({ default: 0, min: 0, max: 1, help: "0 adds no noise, 1 as much as DDPM." }),
  },
  outputs: { x: port.tensor({ meaning: "x" }) },
  draws: (parameter) => knownNumber(parameter("eta")) !== 0,
  levels: { x: "earlier" },
  infer: ({ prediction, x, noise }, known) => {
    wantMeaning({ x }, "x", "x0");
    wantWholeGuidance(prediction);
    if (!noise) wantNoNoise("DDIM", knownNumber(known.parameter("eta")) ?? 0);
    return { x: { ...sameSize({ prediction, x, noise }), meaning: "x" } };
  },
  run: ({ prediction, x = prediction.x, step = prediction.step, noise, eta }) => {
    wantWholeGuidance(prediction);
    if (!noise) wantNoNoise("DDIM", eta);
    return { x: ddimStep(changed(prediction, { x, step }), noise, eta) };
  },
  draw: ({ prediction, x = prediction.x, step = prediction.step, noise, eta }, { op }) => {
    wantWholeGuidance(prediction);
    const both = step.and(eta);
    const [a, b] = ([0, 1] as const).map((i) => both.number(([{ at }, eta]) => ddimMean(eta).coefficients(at)[i]));
    const mean = op.Add(op.Mul(prediction.x0, a), op.Mul(x, b));
    const sigma = both.map(([step, eta]) => {
      if (!noise) wantNoNoise("DDIM", eta);
      return ddimSigma(step, eta);
    });
    return { x: op.Add(mean, noise?.draw(step, sigma) ?? sigma.number((sigma) => sigma)) };
  },
});
