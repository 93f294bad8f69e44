/** Examples of classifier-free guidance's successors, and of choosing among draws, on a network that is told the shapes. */
import type { GraphDocument } from "../document/index.ts";
import { everyShape, finish, insert, noiseFor, seed, start, wanted } from "./parts.ts";
import type { SamplerName } from "./samplers.ts";

interface Free {
  readonly sampler: SamplerName;
  readonly title: string;
  readonly description: string;
  readonly note: string;
  readonly respacing?: string;
  /** Further streams of noise by the input that takes them. */
  readonly streams?: Readonly<Record<string, string>>;
  readonly set?: Readonly<Record<string, number | string>>;
}

function free(example: Free): GraphDocument {
  const { sampler, title, description, note, respacing = "ddim25", streams = {}, set = {} } = example;
  const begun = start(title, description, respacing);
  const { b, model, schedule } = begun;
  const labels = wanted(b, everyShape, "Wanted shape", { model });
  const noise = noiseFor(begun, { labels });
  const more = Object.entries(streams).map(([input, title], i) => {
    const drawn = { model, labels, seed, stream: i + 1 };
    return [input, b.add("guidegraph/gaussian-noise", drawn, title).out("noise")] as const;
  });
  const given = { schedule, x: noise.out("x_T"), model, labels, ...Object.fromEntries(more), ...set };
  const x = insert(b, sampler, given);
  b.add("guidegraph/note", { text: note });
  return finish(b, x, sampler, labels);
}

const bestOf = 4;

function bestOfN(): GraphDocument {
  const begun = start(
    "Best of four",
    "Four draws of each wanted shape, of which a reader of clean pictures keeps the one that it is surest of.",
    "ddim25",
  );
  const { b, model, schedule } = begun;
  const classes = wanted(b, "3,4,7,9", "Wanted shape", { model });
  const labels = b.add("guidegraph/repeat-labels", { labels: classes, times: bestOf }).out("labels");
  const noise = noiseFor(begun, { labels });
  const x = insert(b, "unguided-ddim", { schedule, x: noise.out("x_T"), model, labels });
  const file = { file: "shapes32_reader.onnx", flags: "--logits shape" };
  const classifier = b.add("guidegraph/load-classifier", file, "Load Reader").out("classifier");
  const step = b.add("guidegraph/schedule-step", { schedule, index: 0 }).out("step");
  const asked = { classifier, x, step, labels };
  const scores = b.add("guidegraph/log-probability", asked).out("log_probability");
  const indices = b.add("guidegraph/rank", { scores, of: bestOf }).out("indices");
  const best = b.add("guidegraph/gather", { tensor: x, indices }, "The best of each").out("tensor");
  b.add("guidegraph/note", {
    text: "Best of n: no step is guided; the choice is made among finished pictures. Rank compares four neighbours, the draws of one shape, and Gather takes the first of each.",
  });
  const all = b.add("guidegraph/decode-image", { x }, "Decode all").out("image");
  b.add("guidegraph/save-png", { images: b.add("guidegraph/grid", { images: all }).out("image"), name: "all-draws" });
  return finish(b, best, "best-of-four", classes);
}

export const beyondLabels: Readonly<Record<string, () => GraphDocument>> = {
  "cfg-rescale": () =>
    free({
      sampler: "rescaled-ddim",
      title: "CFG rescale",
      description: "Strong classifier-free guidance whose ε is brought back to the deviation of the labelled one.",
      note: "ε′ = φ · ε · σ(ε_c) / σ(ε) + (1 − φ) · ε, with ε = ε_u + w (ε_c − ε_u): Lin et al. 2023, arXiv:2305.08891, section 3.4. Set rescale to 0 and run again: the same guidance, saturated.",
    }),
  "cfg-plus-plus": () =>
    free({
      sampler: "cfg-plus-plus-ddim",
      title: "CFG++",
      description:
        "Guidance by a scale of 0 to 1 that stays among noisy pictures: x₀ is guided, the noise put back is not.",
      note: "xₜ₋₁ = √ᾱₜ₋₁ · x̂₀(ε_u + λ (ε_c − ε_u)) + √(1 − ᾱₜ₋₁) · ε_u: Chung et al. 2024, arXiv:2406.08070, algorithm 2. Set scale to 0 (no guidance) or 1 (all of it).",
    }),
  "cfg-zero": () =>
    free({
      sampler: "cfg-zero-ddim",
      title: "CFG-Zero*",
      description: "The unlabelled ε is fitted to the labelled one before guidance goes away from it.",
      note: "ε = s* ε_u + w (ε_c − s* ε_u), s* = ⟨ε_c, ε_u⟩ / ‖ε_u‖²: Fan et al. 2025, arXiv:2503.18886, which says it of the velocity of a flow; here it is ε. Its other half, a velocity of zero in the first steps, has no counterpart and is left out.",
    }),
  "projected-guidance": () =>
    free({
      sampler: "projected-ddim",
      title: "Projected guidance",
      description: "Only what of the guidance lies across the predicted picture moves it: colours stay as they are.",
      note: "Adaptive projected guidance, Sadat et al. 2024, arXiv:2410.02416: Δ = x₀_c − x₀_u, with momentum β and no longer than the threshold r; of what lies along x₀_c only parallel (η) times counts. Its guidance is Δ times scale − 1. Set parallel to 1, momentum and threshold to 0: classifier-free guidance again.",
    }),
  plms: () =>
    free({
      sampler: "plms",
      title: "PLMS",
      description: "DDIM's step along the sum of four predictions, which errs less where there are few steps.",
      note: "ε′ = (55 ε − 59 ε₋₁ + 37 ε₋₂ − 9 ε₋₃) / 24, with fewer terms in the first three steps: Liu et al. 2022, arXiv:2202.09778, eq. 12, where those are Runge–Kutta's. The loop carries the three predictions before, which are not there at first and count as 0.",
    }),
  unipc: () =>
    free({
      sampler: "unipc",
      title: "UniPC",
      description: "Ten steps of a solver that corrects each step by what the network says where it has led.",
      respacing: "lambda10",
      note: "x̃ᵢ = σᵢ/σᵢ₋₁ · xᵢ₋₁ + αᵢ (1 − e⁻ʰ) D by the x₀ of the two steps before (UniP-2), then xᵢ by the same with a D that knows x₀(x̃ᵢ) as well (UniC-2), B(h) = eʰ − 1: Zhao et al. 2023, arXiv:2302.04867. The network is asked once a step. Open the sampler: D and the correction are a formula each, and UniP-2 is DPM-Solver Step.",
    }),
  "dpm-solver-2m": () =>
    free({
      sampler: "dpm-solver-2m",
      title: "DPM-Solver++ 2M",
      description: "Ten steps of a second-order solver that carries its last prediction, one call of the network each.",
      respacing: "lambda10",
      note: "xᵢ = σᵢ/σᵢ₋₁ · xᵢ₋₁ + αᵢ (1 − e⁻ʰ) D, D = (1 + 1/2r) x₀(xᵢ₋₁) − 1/2r · x₀(xᵢ₋₂): Lu et al. 2022, arXiv:2211.01095, algorithm 2. Set eta to 1: its SDE, which draws fresh noise (2M SDE).",
      streams: { noise: "Fresh noise" },
    }),
  "dpm-solver-2s": () =>
    free({
      sampler: "dpm-solver-2s",
      title: "DPM-Solver++ 2S",
      description: "Six steps of a second-order solver that asks the network once more in the middle of each.",
      respacing: "lambda6",
      note: "u = halfway in λ by x₀(xᵢ₋₁), then xᵢ = σᵢ/σᵢ₋₁ · xᵢ₋₁ + αᵢ (1 − e⁻ʰ) · x₀(u): Lu et al. 2022, arXiv:2211.01095, algorithm 1 with r = 1/2. It carries nothing, so guidance may change from step to step.",
    }),
  heun: () =>
    free({
      sampler: "heun",
      title: "Heun",
      description: "Ten steps by the mean of ε here and where it leads, evenly spaced in λ.",
      respacing: "lambda10",
      note: "d = (ε(xᵢ) + ε(x′ᵢ₊₁)) / 2 with x′ᵢ₊₁ where ε(xᵢ) alone leads: Karras et al. 2022, arXiv:2206.00364, algorithm 1. The last step is Euler's, which is DDIM's. karras20 are EDM's own steps (eq. 5), of which this process needs more: its noise goes far beyond EDM's.",
    }),
  "churned-heun": () =>
    free({
      sampler: "churned-heun",
      title: "Churned Heun",
      description: "EDM's stochastic sampler: each step first adds some noise, and goes down from there by Heun.",
      respacing: "karras18",
      note: "σ̂ = σ + γσ with γ = min(S_churn / N, √2 − 1) where S_tmin ≤ σ ≤ S_tmax, x̂ = x + √(σ̂² − σ²) · S_noise · z, then Heun from σ̂: Karras et al. 2022, arXiv:2206.00364, algorithm 2, values of ImageNet. Set s_churn to 0: Heun.",
      streams: { noise: "Churn" },
    }),
  restart: () =>
    free({
      sampler: "restart",
      title: "Restart",
      description: "Heun goes down, and three times back up by fresh noise in the middle, where errors are taken out.",
      respacing: "lambda10",
      note: "K times x goes from t_min back to t_max by noise, x + √(t_max² − t_min²) · z, and down again by Heun: Xu et al. 2023, arXiv:2306.14878. The order says it: 9..3, 5..3*3, 2..0 goes down to index 2, and three times up to 5.",
      streams: { again: "Noise to go up" },
      set: { order: "9..3, 5..3*3, 2..0" },
    }),
  "best-of-four": bestOfN,
};
