/**
 * Samplers that begin with pictures: what is known of them is kept while the rest is drawn. Those of diffusion posterior sampling
 * correct each step by a gradient through the UNet; the others put noise on the pictures, or into what is not known of them.
 */
import type { InnerBuilder, Wire } from "../document/index.ts";
import {
  ddim,
  ddpm,
  formula,
  guide,
  meanVariance,
  parameter,
  predict,
  type Sampler,
  type StepWires,
  type Wires,
} from "./step-parts.ts";

const network = { model: "model", labels: "labels" };

/** What is known of clean pictures, and how the same is made of those that are predicted. */
interface Measurement {
  readonly title: string;
  readonly description: string;
  /** A, which the prediction goes through before it is compared. */
  readonly of: (graph: Pick<InnerBuilder, "add">, tensor: Wire) => Wire;
  readonly masked?: true;
  /** ζ */
  readonly zeta: number;
}

export const measurements = {
  "dps-inpainting": {
    title: "DPS Inpainting",
    description:
      "DDPM whose steps are corrected so that the predicted clean picture agrees with y where the mask is white: algorithm 1 of arXiv:2209.14687.",
    of: (_, tensor) => tensor,
    masked: true,
    zeta: 1,
  },
  "dps-super-resolution": {
    title: "DPS Super-Resolution",
    description:
      "DDPM whose steps are corrected so that the predicted clean picture, made small again, agrees with y: algorithm 1 of arXiv:2209.14687.",
    of: (graph, tensor) => graph.add("guidegraph/average-pool", { tensor, factor: 4 }, "Make small").out("tensor"),
    zeta: 4,
  },
  "dps-deblurring": {
    title: "DPS Deblurring",
    description:
      "DDPM whose steps are corrected so that the predicted clean picture, blurred again, agrees with y: algorithm 1 of arXiv:2209.14687.",
    of: (graph, tensor) => graph.add("guidegraph/blur", { tensor, sigma: 2 }, "Make blurred").out("tensor"),
    zeta: 2,
  },
} satisfies Readonly<Record<string, Measurement>>;

/** xₜ₋₁ = x′ₜ₋₁ − ζ · ∇ₓₜ ‖y − A(x̂₀(xₜ))‖ */
function posterior({ of }: Measurement, inner: InnerBuilder, wires: StepWires): Wire {
  const { x, step, entering } = wires;
  const { model, labels, y, mask } = entering;
  const known = { x, step, model, ...(labels && { labels }), y, ...(mask && { mask }) };
  const error = inner.differentiate("‖y − A(x̂₀)‖", known, (graph) => {
    const [x, step] = [graph.input("x", "tensor"), graph.input("step", "step")];
    const told = { model: graph.input("model", "model"), ...(labels && { labels: graph.input("labels", "labels") }) };
    const model_output = predict(graph, { x, step, entering: told });
    const { out } = graph.add("guidegraph/mean-variance", { model_output, x, step });
    const compared = {
      tensor: of(graph, out("pred_xstart")),
      target: graph.input("y", "tensor"),
      ...(mask && { mask: graph.input("mask", "image") }),
    };
    const loss = graph.add("guidegraph/squared-error", { ...compared, measure: "norm" });
    graph.output("loss", "tensor", loss.out("loss"));
    graph.output("prediction", "prediction", out("prediction"));
  });
  const a = ddpm(inner, wires, error.out("prediction"));
  const given = { a, b: error.out("gradient"), c: parameter(inner, "ζ", entering.zeta), meaning: "x" };
  return formula(inner, "Correct", "a - c * b", given);
}

/**
 * xₛ = x′ₛ + √ᾱₜ · (∂x̂₀/∂xₜ)ᵀ m·(y − x̂₀), x′ₛ by DDIM: the error is held constant, so that its product with the Jacobian is the
 * gradient of a sum of products, and the network is asked once.
 */
function pseudoinverse(inner: InnerBuilder, wires: StepWires): Wire {
  const { x, step, entering } = wires;
  const { model, labels, y, mask } = entering;
  const known = { x, step, model, ...(labels && { labels }), y, mask };
  const product = inner.differentiate("⟨m · (y − x̂₀), x̂₀⟩", known, (graph) => {
    const [x, step] = [graph.input("x", "tensor"), graph.input("step", "step")];
    const told = { model: graph.input("model", "model"), ...(labels && { labels: graph.input("labels", "labels") }) };
    const model_output = predict(graph, { x, step, entering: told });
    const { out } = graph.add("guidegraph/mean-variance", { model_output, x, step });
    const compared = { a: graph.input("y", "tensor"), b: out("pred_xstart"), weight_b: -1 };
    const error = graph.add("guidegraph/add", compared, "y − x̂₀").out("tensor");
    const shown = graph.add("guidegraph/mask", { tensor: error, mask: graph.input("mask", "image") }).out("tensor");
    const a = graph.add("guidegraph/stop-gradient", { tensor: shown }, "Hold constant").out("tensor");
    graph.output("loss", "tensor", graph.add("guidegraph/dot", { a, b: out("pred_xstart") }).out("product"));
    graph.output("prediction", "prediction", out("prediction"));
  });
  const given = { a: ddim(inner, wires, product.out("prediction")), b: product.out("gradient"), step, meaning: "x" };
  return formula(inner, "Correct", "a + c * sqrt(alpha_bar) * b", {
    ...given,
    c: parameter(inner, "Weight", entering.weight),
  });
}

/** x with the known part as it would be at this noise, made noisier first where the way climbs; then a step of DDPM. */
function repaint(inner: InnerBuilder, wires: StepWires): Wire {
  const { step, entering } = wires;
  const tensor = inner.add("guidegraph/renoise", { x: wires.x, step, noise: entering.up }).out("x");
  const noise = inner.add("guidegraph/draw-noise", { noise: entering.known, step }).out("eps");
  const other = inner.add("guidegraph/add-noise", { x0: entering.x0, noise, step }).out("x");
  const x = inner.add("guidegraph/mask", { tensor, mask: entering.mask, other }, "Keep the known").out("tensor");
  const at = { ...wires, x };
  return ddpm(inner, at, meanVariance(inner, at, predict(inner, at)));
}

/** A step of DDPM, what is coarse in it replaced by what is coarse in y, as noisy. */
function coarse(inner: InnerBuilder, wires: StepWires): Wire {
  const { step, entering } = wires;
  const a = ddpm(inner, wires, meanVariance(inner, wires, predict(inner, wires)));
  const b = inner.add("guidegraph/draw-noise", { noise: entering.known, step }).out("eps");
  const noisy = "sqrt(alpha_bar_prev) * a + sqrt(1 - alpha_bar_prev) * b";
  const real = formula(inner, "Real, as noisy", noisy, { a: entering.y, b, step, meaning: "x" });
  const low = (tensor: Wire, title: string): Wire =>
    inner.add("guidegraph/low-pass", { tensor, factor: entering.factor }, title).out("tensor");
  const parts = { a, b: low(real, "φ of the real"), c: low(a, "φ of the drawn") };
  return formula(inner, "Take what is coarse", "a + b - c", parts);
}

/** x, clean pictures, with the noise of a step in the middle, and the way from there. */
function fromTheMiddle(outside: InnerBuilder, { schedule, x, eps, start }: Wires): Wires {
  const step = outside.add("guidegraph/schedule-step", { schedule, index: start }).out("step");
  return { x: outside.add("guidegraph/add-noise", { x0: x, noise: eps, step }).out("x"), start };
}
const middle = {
  around: { eps: "tensor", start: "number" },
  defaults: { start: 20 },
  before: fromTheMiddle,
} as const;

/** The sampler of a measurement. */
function corrected(measurement: Measurement): Sampler {
  const { title, description, masked, zeta } = measurement;
  return {
    ...{ title, description, defaults: { zeta } },
    inputs: { ...network, noise: "noise", y: "tensor", ...(masked && { mask: "image" }), zeta: "number" },
    step: (inner, wires) => posterior(measurement, inner, wires),
  };
}

export const restoring = {
  "dps-inpainting": corrected(measurements["dps-inpainting"]),
  "dps-super-resolution": corrected(measurements["dps-super-resolution"]),
  "dps-deblurring": corrected(measurements["dps-deblurring"]),
  "pigdm-inpainting": {
    title: "ΠGDM Inpainting",
    description:
      "DDIM whose steps are corrected by the error where the mask is white, taken back through the network as a constant: algorithm 1 of Song et al. 2023 (openreview.net/forum?id=9_gsMA8MRKQ), without noise on y.",
    inputs: { ...network, noise: "noise", y: "tensor", mask: "image", eta: "number", weight: "number" },
    defaults: { eta: 1, weight: 1 },
    step: pseudoinverse,
  },
  repaint: {
    title: "RePaint",
    description:
      "DDPM that keeps x₀ where the mask is black, at each step as noisy as x is; an order that goes back up makes both sides agree: algorithm 1 of arXiv:2201.09865.",
    inputs: {
      ...{ ...network, x0: "tensor", mask: "image" },
      ...{ noise: "noise", up: "noise", known: "noise", clip_denoised: "boolean" },
    },
    order: "listed",
    step: repaint,
    after: (outside, { x0, mask }, tensor) =>
      outside.add("guidegraph/mask", { tensor, mask, other: x0 }, "The known as it was").out("tensor"),
  },
  ilvr: {
    title: "ILVR",
    description:
      "DDPM whose coarse part is taken from y, clean pictures, in every step; a larger factor keeps less of them: algorithm 1 of arXiv:2108.02938.",
    inputs: {
      ...{ ...network, y: "tensor", noise: "noise", known: "noise" },
      ...{ factor: "number", clip_denoised: "boolean" },
    },
    defaults: { factor: 8 },
    step: coarse,
  },
  sdedit: {
    title: "SDEdit",
    description:
      "Puts the noise of the step Start on x, clean pictures, and samples from there, guided: place and colours stay. arXiv:2108.01073, by DDPM.",
    inputs: { ...network, cond_fn: "cond_fn", noise: "noise", clip_denoised: "boolean" },
    ...middle,
    step: (inner, wires) =>
      ddpm(inner, wires, guide(inner, wires, meanVariance(inner, wires, predict(inner, wires)), "mean")),
  },
  diffpure: {
    title: "DiffPure",
    description:
      "Puts the noise of the step Start on x and takes it away again, and with it what was put into the pictures to mislead a classifier: arXiv:2205.07460, by DDPM.",
    inputs: { ...network, noise: "noise", clip_denoised: "boolean" },
    ...middle,
    step: (inner, wires) => ddpm(inner, wires, meanVariance(inner, wires, predict(inner, wires))),
  },
} satisfies Record<string, Sampler>;
