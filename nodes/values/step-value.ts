import { defineNode } from "../node.ts";
import * as port from "../port.ts";

export default defineNode({
  type: "guidegraph/step-value",
  version: 1,
  title: "Step Value",
  category: "values",
  description: "Gives the step's numbers, so that a scale can follow the schedule.",
  equation: "xₜ = √ᾱₜ · x₀ + √(1 − ᾱₜ) · ε",
  reference: "alphas_cumprod, sqrt_one_minus_alphas_cumprod, betas",
  inputs: { step: port.step() },
  outputs: {
    index: port.numberOut({ help: "0 at the last step of sampling." }),
    t: port.numberOut({ help: "The timestep of the full process." }),
    progress: port.numberOut({ help: "0 at the first step of sampling, 1 at the last." }),
    alpha_bar: port.numberOut({ help: "ᾱₜ" }),
    signal: port.numberOut({ help: "√ᾱₜ" }),
    sigma: port.numberOut({ help: "√(1 − ᾱₜ)" }),
    beta: port.numberOut({ help: "βₜ of the respaced process." }),
    posterior_variance: port.numberOut({ help: "β̃ₜ" }),
  },
  infer: () => ({}),
  run: ({ step: { index, count, t, at } }) => ({
    index,
    t,
    progress: count > 1 ? 1 - index / (count - 1) : 1,
    alpha_bar: at.alphaBar,
    signal: Math.sqrt(at.alphaBar),
    sigma: Math.sqrt(1 - at.alphaBar),
    beta: at.beta,
    posterior_variance: at.posteriorVariance,
  }),
});
