/** Ways beyond classifier-free guidance, and a multistep solver: what of a step is a formula is written as one. */
import type { InnerBuilder, Wire } from "../document/index.ts";
import { ddim, meanVariance, predict, predictBoth, raw, type Sampler, type StepWires } from "./step-parts.ts";

const inputs = { model: "model", labels: "labels", noise: "noise", clip_denoised: "boolean", eta: "number" };

const formula = (inner: InnerBuilder, title: string, text: string, given: Readonly<Record<string, Wire>>): Wire =>
  inner.add("guidegraph/formula", { formula: text, ...given }, title).out("tensor");

/** A parameter that formulas read. */
const parameter = (inner: InnerBuilder, title: string, value: Wire): Wire =>
  inner.add("guidegraph/number", { value }, title).out("number");

/** A DDIM step from an ε of one's own; the labelled output supplies the variance. */
function stepFromEps(inner: InnerBuilder, wires: StepWires, eps: Wire, model_output: Wire): Wire {
  const { x, step, entering } = wires;
  const given = { eps, x, step, model_output, clip_denoised: entering.clip_denoised };
  return ddim(inner, wires, inner.add("guidegraph/prediction-from-eps", given).out("prediction"));
}

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
  const average = inner.input("average", "tensor");
  const moved = formula(inner, "Difference, with momentum", "a - b - 0.5 * c", { a, b, c: average });
  inner.output("average", "tensor", moved);
  const length = inner.add("guidegraph/reduce", { tensor: moved, by: "norm" }).out("tensor");
  const held = formula(inner, "Held to a length of 15", "a * min(1, 15 / b)", { a: moved, b: length });
  const across = inner.add("guidegraph/project", { tensor: held, onto: a }).out("orthogonal");
  const given = { a, b: across, c: parameter(inner, "w", entering.scale) };
  const pred_xstart = formula(inner, "Beyond, across x₀", "a + (c - 1) * b", given);
  const clip = { clip_denoised: entering.clip_denoised };
  const made = { pred_xstart, x, step, model_output: both.conditional, ...clip };
  return ddim(inner, wires, inner.add("guidegraph/prediction-from-x0", made).out("prediction"));
}

/** Adams–Bashforth of as many orders as there are predictions before. */
const adamsBashforth =
  "taken == 0 ? a : taken == 1 ? (3*a - b) / 2 : taken == 2 ? (23*a - 16*b + 5*c) / 12 : (55*a - 59*b + 37*c - 9*d) / 24";

function multistep(inner: InnerBuilder, wires: StepWires): Wire {
  const model_output = predict(inner, wires);
  const a = raw(inner, wires, model_output, "ε")("eps");
  const [b, c, d] = ["eps_1", "eps_2", "eps_3"].map((name) => inner.input(name, "tensor"));
  for (const [i, eps] of [a, b, c].entries()) inner.output(`eps_${i + 1}`, "tensor", eps);
  const eps = inner.add("guidegraph/formula", {
    formula: adamsBashforth,
    a,
    b,
    c,
    d,
    step: wires.step,
    meaning: "eps",
  });
  return stepFromEps(inner, wires, eps.out("tensor"), model_output);
}

export const freeGuidance = {
  "rescaled-ddim": {
    title: "Rescaled DDIM",
    description:
      "Classifier-free guidance whose ε has the deviation of the labelled one again, so that nothing saturates: section 3.4 of arXiv:2305.08891.",
    inputs: { ...inputs, scale: "number", rescale: "number" },
    step: rescaled,
  },
  "cfg-plus-plus-ddim": {
    title: "CFG++ DDIM",
    description:
      "Goes from the unlabelled to the labelled x₀ by a scale of 0 to 1, and on by the unlabelled ε: algorithm 2 of arXiv:2406.08070.",
    inputs: { model: "model", labels: "labels", clip_denoised: "boolean", scale: "number" },
    step: plusPlus,
  },
  "cfg-zero-ddim": {
    title: "CFG-Zero* DDIM",
    description:
      "Classifier-free guidance from an unlabelled ε that is first fitted to the labelled one: the optimised scale of arXiv:2503.18886.",
    inputs: { ...inputs, scale: "number" },
    step: optimised,
  },
  "projected-ddim": {
    title: "Projected DDIM",
    description:
      "Adaptive projected guidance: of the difference only what lies across x₀ counts, held to a length and with momentum: arXiv:2410.02416.",
    inputs: { ...inputs, scale: "number" },
    step: projected,
  },
  plms: {
    title: "PLMS",
    description:
      "Pseudo linear multistep: DDIM steps along four predictions' Adams–Bashforth sum, fewer at first: eq. 12 of arXiv:2202.09778.",
    inputs,
    step: multistep,
  },
} satisfies Record<string, Sampler>;
