/** Ways beyond classifier-free guidance: what of a step is a formula is written as one. */
import type { InnerBuilder, Wire } from "../document/index.ts";
import {
  ddim,
  formula,
  meanVariance,
  parameter,
  predictBoth,
  raw,
  type Sampler,
  type StepWires,
  stepFromEps,
} from "./step-parts.ts";

const inputs = { model: "model", labels: "labels", noise: "noise", clip_denoised: "boolean", eta: "number" };

function rescaled(inner: InnerBuilder, wires: StepWires): Wire {
  const { entering } = wires;
  const both = predictBoth(inner, wires);
  const beyond = inner.add("guidegraph/classifier-free-guidance", { ...both, scale: entering.scale });
  const [a, own] = [
    raw(inner, wires, beyond.out("model_output"), "Guided ε")("eps"),
    raw(inner, wires, both.conditional, "Labelled ε")("eps"),
  ];
  const deviation = (tensor: Wire, title: string) =>
    inner.add("guidegraph/reduce", { tensor, by: "deviation" }, title).out("tensor");
  const d = parameter(inner, "φ", entering.rescale);
  const given = { a, b: deviation(own, "σ labelled"), c: deviation(a, "σ guided"), d };
  return stepFromEps(inner, wires, formula(inner, "Rescale", "a * (d * b / c + 1 - d)", given), both.conditional);
}

function plusPlus(inner: InnerBuilder, wires: StepWires): Wire {
  const { step, entering } = wires;
  const both = predictBoth(inner, wires);
  const between = inner.add("guidegraph/classifier-free-guidance", { ...both, scale: entering.scale });
  const prediction = meanVariance(inner, wires, between.out("model_output"));
  const a = inner.add("guidegraph/open-prediction", { prediction }).out("pred_xstart");
  const b = raw(inner, wires, both.unconditional, "Unlabelled ε")("eps");
  const again = "sqrt(alpha_bar_prev) * a + sqrt(1 - alpha_bar_prev) * b";
  const x = inner.add(
    "guidegraph/formula",
    { formula: again, a, b, step, meaning: "x" },
    "Renoise by the unlabelled ε",
  );
  return x.out("tensor");
}

function optimised(inner: InnerBuilder, wires: StepWires): Wire {
  const both = predictBoth(inner, wires);
  const [a, b] = [
    raw(inner, wires, both.conditional, "Labelled ε")("eps"),
    raw(inner, wires, both.unconditional, "Unlabelled ε")("eps"),
  ];
  const c = inner.add("guidegraph/dot", { a, b }, "⟨ε_c, ε_u⟩").out("product");
  const d = inner.add("guidegraph/dot", { a: b, b }, "‖ε_u‖²").out("product");
  const e = parameter(inner, "w", wires.entering.scale);
  const text = "(1 - e) * c / d * b + e * a";
  return stepFromEps(
    inner,
    wires,
    formula(inner, "s* ε_u + w (ε_c − s* ε_u)", text, { a, b, c, d, e }),
    both.conditional,
  );
}

function projected(inner: InnerBuilder, wires: StepWires): Wire {
  const { x, step, entering } = wires;
  const both = predictBoth(inner, wires);
  const [a, b] = [
    raw(inner, wires, both.conditional, "Labelled x₀")("pred_xstart"),
    raw(inner, wires, both.unconditional, "Unlabelled x₀")("pred_xstart"),
  ];
  const momentum = parameter(inner, "β", entering.momentum);
  const before = { a, b, c: inner.input("average", "tensor"), d: momentum };
  const moved = formula(inner, "Difference, with momentum", "a - b + d * c", before);
  inner.output("average", "tensor", moved);
  const length = inner.add("guidegraph/reduce", { tensor: moved, by: "norm" }).out("tensor");
  const most = { a: moved, b: length, c: parameter(inner, "r", entering.threshold) };
  const held = formula(inner, "No longer than r", "c > 0 ? a * min(1, c / b) : a", most);
  const { out: part } = inner.add("guidegraph/project", { tensor: held, onto: a });
  const [d, e] = [parameter(inner, "η", entering.parallel), parameter(inner, "w", entering.scale)];
  const given = { a, b: part("orthogonal"), c: part("parallel"), d, e };
  const pred_xstart = formula(inner, "Beyond, mostly across x₀", "a + (e - 1) * (b + d * c)", given);
  const clip = { clip_denoised: entering.clip_denoised };
  const made = { pred_xstart, x, step, model_output: both.conditional, ...clip };
  return ddim(inner, wires, inner.add("guidegraph/prediction-from-x0", made).out("prediction"));
}

export const freeGuidance = {
  "rescaled-ddim": {
    title: "Rescaled DDIM",
    description:
      "Classifier-free guidance whose ε has the deviation of the labelled one again, so that nothing saturates: section 3.4 of arXiv:2305.08891.",
    inputs: { ...inputs, scale: "number", rescale: "number" },
    defaults: { scale: 5, rescale: 0.7 },
    step: rescaled,
  },
  "cfg-plus-plus-ddim": {
    title: "CFG++ DDIM",
    description:
      "Goes from the unlabelled to the labelled x₀ by a scale of 0 to 1, and on by the unlabelled ε: algorithm 2 of arXiv:2406.08070.",
    inputs: { model: "model", labels: "labels", clip_denoised: "boolean", scale: "number" },
    defaults: { scale: 0.6 },
    step: plusPlus,
  },
  "cfg-zero-ddim": {
    title: "CFG-Zero* DDIM",
    description:
      "Classifier-free guidance from an unlabelled ε that is first fitted to the labelled one: the optimised scale of arXiv:2503.18886.",
    inputs: { ...inputs, scale: "number" },
    defaults: { scale: 2 },
    step: optimised,
  },
  "projected-ddim": {
    title: "Projected DDIM",
    description:
      "Adaptive projected guidance: the difference of both x₀ with momentum β, no longer than a threshold r (0: any), and of what lies along x₀ only η times: arXiv:2410.02416.",
    inputs: { ...inputs, scale: "number", momentum: "number", threshold: "number", parallel: "number" },
    defaults: { scale: 4, momentum: -0.5, threshold: 15, parallel: 0 },
    step: projected,
  },
} satisfies Record<string, Sampler>;
