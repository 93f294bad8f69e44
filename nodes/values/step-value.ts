import { defineNode } from "../node.ts";
import * as port from "../port.ts";
import { stepMeasures, stepNumbers } from "./step-measures.ts";

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
    progress: port.numberOut({ help: "0 in the first step of the loop, 1 in its last, whichever way it goes." }),
    alpha_bar: port.numberOut({ help: "ᾱₜ" }),
    signal: port.numberOut({ help: "√ᾱₜ" }),
    sigma: port.numberOut({ help: "√(1 − ᾱₜ)" }),
    beta: port.numberOut({ help: "βₜ of the respaced process." }),
    posterior_variance: port.numberOut({ help: "β̃ₜ" }),
    taken: port.numberOut({ help: "How many steps of the loop were taken before this one." }),
    noise_level: port.numberOut({ help: "√(1 − ᾱₜ) / √ᾱₜ, EDM's σ." }),
    lambda: port.numberOut({ help: "log(√ᾱₜ / √(1 − ᾱₜ)), half the logarithm of the signal-to-noise ratio." }),
  },
  foretold: true,
  infer: () => ({}),
  run: ({ step }) => ({
    ...stepMeasures(step),
    alpha_bar: stepNumbers.alpha_bar(step),
    signal: stepNumbers.signal(step),
    sigma: stepNumbers.sigma(step),
    beta: stepNumbers.beta(step),
    posterior_variance: stepNumbers.posterior_variance(step),
  }),
});
