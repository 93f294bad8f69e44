/** Examples of samplers that a reader of clean pictures guides: it never saw noise, and the network is told no shape. */
import type { GraphDocument } from "../document/index.ts";
import type { lossGuided } from "./loss-guided.ts";
import { everyShape, finish, insert, noiseFor, seed, start, wanted } from "./parts.ts";

interface Read {
  readonly sampler: keyof typeof lossGuided;
  /** The example's file, where it is not the sampler's. */
  readonly name?: string;
  readonly title: string;
  readonly description: string;
  readonly note: string;
  readonly set?: Readonly<Record<string, number | string>>;
  /** Further streams of noise that it takes: for steps taken again, and for so many draws of each sample. */
  readonly again?: true;
  readonly draws?: number;
}

function read({ sampler, name = sampler, title, description, note, set = {}, again, draws }: Read): GraphDocument {
  const begun = start(title, description, "ddim25");
  const { b, model, schedule } = begun;
  const file = { file: "shapes32_reader.onnx", flags: "--logits shape" };
  const classifier = b.add("guidegraph/load-classifier", file, "Load Reader").out("classifier");
  const labels = wanted(b, everyShape, "Wanted shape", { classifier });
  const noise = noiseFor(begun, { labels });
  const stream = (title: string, given: object) =>
    b.add("guidegraph/gaussian-noise", { model, seed, ...given }, title).out("noise");
  const repeated = (times: number) => b.add("guidegraph/repeat-labels", { labels, times }).out("labels");
  const more = {
    ...(again && { again: stream("Noise to go up", { labels, stream: 1 }) }),
    ...(draws && { draws: stream("Noise of draws", { labels: draws === 1 ? labels : repeated(draws), stream: 2 }) }),
  };
  const x = insert(b, sampler, { schedule, x: noise.out("x_T"), model, classifier, wanted: labels, ...more, ...set });
  b.add("guidegraph/note", { text: note });
  return finish(b, x, name, labels);
}

/** All steps of 25 once, and those in the middle twice, where shapes are decided. */
const twiceInTheMiddle = Array.from({ length: 25 }, (_, k) => 24 - k)
  .flatMap((index) => (index >= 10 && index < 20 ? [index, index] : [index]))
  .join();

export const readersGuide: Readonly<Record<string, () => GraphDocument>> = {
  "universal-guidance": () =>
    read({
      sampler: "universal-ddim",
      name: "universal-guidance",
      title: "Universal guidance",
      description:
        "A classifier of clean pictures guides: it looks at the predicted clean picture, and its gradient goes through the UNet to xₜ.",
      note: "Bansal et al. 2023, arXiv:2302.07121, algorithm 1. Forward: ε̂ = ε − √(1 − ᾱₜ) · s · ∇ₓₜ log p(y | x̂₀(xₜ)), the gradient strength times as long as ε. Backward: ε̂ − √(ᾱₜ / (1 − ᾱₜ)) · Δ, where Δ is what iterations steps along the reader's gradient at x̂₀ come to, each backward · √(1 − ᾱₜ) times as long as ε; none while iterations is 0, and 1000 at most. Self-recurrence: each step but the last is taken twice. The reader has never seen noise.",
      set: { order: "24..1x2, 0" },
      again: true,
    }),
  freedom: () =>
    read({
      sampler: "freedom-ddim",
      title: "FreeDoM",
      description:
        "The energy of the predicted clean picture pulls at every step; those in the middle are taken twice.",
      note: "xₜ₋₁ = DDIM(xₜ) − ρₜ · ∇ₓₜ E(c, x̂₀(xₜ)) with E = −log p(y | x̂₀) of the reader (eqs. 4 and 9), and time travel in the middle: Yu et al. 2023, arXiv:2303.09833. ρₜ makes it strength times as long as what the step takes out of ε.",
      set: { order: twiceInTheMiddle },
      again: true,
    }),
  "lgd-mc": () =>
    read({
      sampler: "lgd-mc-ddim",
      title: "LGD-MC",
      description:
        "The reader judges four draws around the predicted clean picture, so that its gradient says more of less.",
      note: "∇ₓₜ log 1/n Σ p(y | x̂₀ + rₜ εₖ) with rₜ = √(1 − ᾱₜ): Song et al. 2023, Loss-Guided Diffusion Models for Plug-and-Play Controllable Generation (ICML), Monte Carlo of n = count; the labels of Noise of draws are repeated as often. Repeat makes the draws, Reduce Draws brings them together; the UNet is asked once.",
      draws: 4,
    }),
  mpgd: () =>
    read({
      sampler: "mpgd-ddim",
      title: "MPGD",
      description: "The predicted clean picture is moved, not xₜ: guidance at the price of the reader alone.",
      note: "x̂₀ ← x̂₀ − cₜ ∇ L(x̂₀), then on by the network's own ε: He et al. 2023, Manifold Preserving Guided Diffusion, arXiv:2311.16424, without its autoencoder; x̂₀ stays within [−1, 1]. cₜ makes the move strength · √(1 − ᾱₜ) times as long as ε. Nothing goes back through the UNet.",
    }),
  tfg: () =>
    read({
      sampler: "tfg-ddim",
      title: "Training-free guidance",
      description: "Variance guidance, mean guidance, smoothing and recurrence in one sampler, each by a number.",
      note: "xₜ₋₁ = DDIM(xₜ, x̂₀) + Δ_var / √αₜ + √ᾱₜ₋₁ · Δ_mean, their lengths in those of ε: Ye et al. 2024, arXiv:2409.15761, with one draw for the smoothing. rho, mu and smooth are its ρ, μ and γ̄, iterations its N_iter, 1000 at most; the order has N_recur. rho alone is DPS or FreeDoM, mu alone MPGD, rho with smooth LGD-MC.",
      set: { order: twiceInTheMiddle },
      again: true,
      draws: 1,
    }),
};
