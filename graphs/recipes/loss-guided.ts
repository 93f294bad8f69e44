/**
 * Guidance by a classifier that has never seen noise: it is asked about the predicted clean picture. Lengths of gradients are
 * measured in those of ε, so that a strength says the same of every classifier and step.
 */
import type { InnerBuilder, Wire } from "../document/index.ts";
import { ddim, parameter, predict, renoised, type Sampler, type StepWires } from "./step-parts.ts";

const network = { model: "model", classifier: "classifier", wanted: "labels" };

/** log p(y | x̂₀) and its gradient by xₜ, through the UNet; `seen` makes of x̂₀ what the classifier is shown. */
function throughUnet(
  inner: InnerBuilder,
  { x, step, entering }: StepWires,
  more: Readonly<Record<string, Wire>> = {},
  seen: (graph: InnerBuilder, x0: Wire, step: Wire) => { readonly x: Wire; readonly of?: (log: Wire) => Wire } = (
    _,
    x,
  ) => ({ x }),
) {
  const { model, classifier, wanted } = entering;
  const given = { of: "log_p", x, step, model, classifier, wanted, ...more };
  return inner.differentiate("log p(y | x̂₀)", given, (graph) => {
    const [x, step] = [graph.input("x", "tensor"), graph.input("step", "step")];
    const model_output = predict(graph, { x, step, entering: { model: graph.input("model", "model") } });
    const { out } = graph.add("guidegraph/mean-variance", { model_output, x, step });
    const shown = seen(graph, out("pred_xstart"), step);
    const asked = { classifier: graph.input("classifier", "classifier"), x: shown.x, step };
    const labels = graph.input("wanted", "labels");
    const log = graph.add("guidegraph/log-probability", { ...asked, labels }).out("log_probability");
    graph.output("log_p", "tensor", shown.of?.(log) ?? log);
    graph.output("prediction", "prediction", out("prediction"));
    graph.output("pred_xstart", "tensor", out("pred_xstart"));
    graph.output("eps", "tensor", out("eps"));
  });
}

/** What f̃ of training-free guidance adds to x̂₀: a draw, γ · √(1 − ᾱ) times. */
interface Smoothing {
  readonly z: Wire;
  readonly smooth: Wire;
}

const blurred = (graph: InnerBuilder, a: Wire, { z, smooth }: Smoothing, step: Wire): Wire =>
  graph
    .add("guidegraph/formula", { formula: "a + c * sigma * b", a, b: z, c: smooth, step, meaning: "x0" }, "Smoothed")
    .out("tensor");

/** The gradient of log p(y | x̂₀) by x̂₀ itself: no UNet is gone through. */
function byX0(inner: InnerBuilder, { step, entering }: StepWires, x0: Wire, smoothing?: Smoothing): Wire {
  const { classifier, wanted } = entering;
  const inside = { of: "log_p", by: "x0", x0, step, classifier, wanted, ...smoothing };
  return inner
    .differentiate("log p(y | x₀)", inside, (graph) => {
      const [x0, step] = [graph.input("x0", "tensor"), graph.input("step", "step")];
      const own = smoothing && { z: graph.input("z", "tensor"), smooth: graph.input("smooth", "number") };
      const x = own ? blurred(graph, x0, own, step) : x0;
      const asked = { classifier: graph.input("classifier", "classifier"), x, step };
      const labels = graph.input("wanted", "labels");
      const log = graph.add("guidegraph/log-probability", { ...asked, labels }).out("log_probability");
      graph.output("log_p", "tensor", log);
    })
    .out("gradient");
}

/**
 * x̂₀ moved along that gradient so many times, each time `length` · σ as long as ε is. The rows of a schedule of its own count the
 * times, of which nothing else is taken; where there are none, nobody asks the classifier.
 */
function climbed(
  inner: InnerBuilder,
  { step, entering }: StepWires,
  { x0, eps, length, smoothing }: { x0: Wire; eps: Wire; length: Wire; smoothing?: Smoothing },
): Wire {
  const { classifier, wanted } = entering;
  const a = entering.iterations;
  const start = inner.add("guidegraph/number-formula", { formula: "max(a, 1) - 1", a }, "Times − 1").out("number");
  const own = { x0, eps, at: step, classifier, wanted, length, ...smoothing };
  const schedule = inner.add("guidegraph/diffusion-schedule", {}, "Counted by").out("schedule");
  const given = { schedule, start, stop: 0, ...own };
  const loop = inner.loop("Climb", given, (each) => {
    const at = each.input("at", "step");
    const entering = { classifier: each.input("classifier", "classifier"), wanted: each.input("wanted", "labels") };
    const a = each.input("x0", "tensor");
    const draw = smoothing && { z: each.input("z", "tensor"), smooth: each.input("smooth", "number") };
    const gradient = byX0(each, { x: a, step: at, entering }, a, draw);
    const b = measured(each, gradient, each.input("eps", "tensor"), each.input("length", "number"));
    const moved = { formula: "a + sigma * b", a, b, step: at, meaning: "x0" };
    each.output("x0", "tensor", each.add("guidegraph/formula", moved, "Move x₀").out("tensor"));
  });
  const condition = inner.add("guidegraph/number-formula", { formula: "a >= 1", a }, "Any at all").out("number");
  return inner.add("guidegraph/switch", { condition, a: loop.out("x0"), b: x0 }, "Moved or not").out("tensor");
}

/** A gradient made `strength` times as long as ε. */
const measured = (inner: InnerBuilder, tensor: Wire, like: Wire, norm: Wire): Wire =>
  inner.add("guidegraph/normalise", { tensor, like, norm }).out("tensor");

/** How much of ε a step of DDIM takes out of x. */
const ofEps = "(sqrt(alpha_bar_prev) / signal * sigma - sqrt(1 - alpha_bar_prev))";

function universal(inner: InnerBuilder, wires: StepWires): Wire {
  const at = { ...wires, x: renoised(inner, wires) };
  const { out } = throughUnet(inner, at);
  const gradient = measured(inner, out("gradient"), out("eps"), wires.entering.strength);
  const moved = { prediction: out("prediction"), gradient };
  const forward = inner.add("guidegraph/condition-score", moved, "Forward guidance").out("prediction");
  const c = out("pred_xstart");
  const b = climbed(inner, at, { x0: c, eps: out("eps"), length: wires.entering.backward });
  const a = inner.add("guidegraph/open-prediction", { prediction: forward }).out("pred_xstart");
  // ε̂ − √(ᾱ / (1 − ᾱ)) · Δ is x₀ + Δ.
  const sum = { formula: "a + (b - c)", a, b, c, meaning: "x0" };
  const pred_xstart = inner.add("guidegraph/formula", sum, "x₀ + Δ").out("tensor");
  const both = inner.add("guidegraph/change-prediction", { prediction: forward, pred_xstart }, "Backward guidance");
  return ddim(inner, wires, both.out("prediction"));
}

function freedom(inner: InnerBuilder, wires: StepWires): Wire {
  const at = { ...wires, x: renoised(inner, wires) };
  const { out } = throughUnet(inner, at);
  const b = measured(inner, out("gradient"), out("eps"), wires.entering.strength);
  const a = ddim(inner, wires, out("prediction"));
  const moved = { formula: `a + ${ofEps} * b`, a, b, step: wires.step, meaning: "x" };
  return inner.add("guidegraph/formula", moved, "Down the energy").out("tensor");
}

function monteCarlo(inner: InnerBuilder, wires: StepWires): Wire {
  const { step, entering } = wires;
  const { count } = entering;
  const wanted = inner.add("guidegraph/repeat-labels", { labels: entering.wanted, times: count }).out("labels");
  const at = { ...wires, entering: { ...entering, wanted } };
  const { out } = throughUnet(inner, at, { draws: entering.draws, count }, (graph, x0, step) => {
    const times = graph.input("count", "number");
    const a = graph.add("guidegraph/repeat", { tensor: x0, times }).out("tensor");
    const b = graph.add("guidegraph/draw-noise", { noise: graph.input("draws", "noise"), step }).out("eps");
    const drawn = { formula: "a + sigma * b", a, b, step, meaning: "x0" };
    return {
      x: graph.add("guidegraph/formula", drawn, "Draws of x₀").out("tensor"),
      of: (tensor) => graph.add("guidegraph/reduce-draws", { tensor, of: times, by: "log-mean-exp" }).out("tensor"),
    };
  });
  const gradient = measured(inner, out("gradient"), out("eps"), entering.strength);
  const moved = { prediction: out("prediction"), gradient, step };
  return ddim(inner, wires, inner.add("guidegraph/condition-score", moved).out("prediction"));
}

function manifold(inner: InnerBuilder, wires: StepWires): Wire {
  const { x, step, entering } = wires;
  const model_output = predict(inner, wires);
  const { out } = inner.add("guidegraph/mean-variance", { model_output, x, step });
  const gradient = byX0(inner, wires, out("pred_xstart"));
  const b = measured(inner, gradient, out("eps"), entering.strength);
  const moved = { formula: "clamp(a + sigma * b, -1, 1)", a: out("pred_xstart"), b, step, meaning: "x0" };
  const x0 = inner.add("guidegraph/formula", moved, "Move x₀").out("tensor");
  const on = "sqrt(alpha_bar_prev) * a + sqrt(1 - alpha_bar_prev) * b";
  const next = { formula: on, a: x0, b: out("eps"), step, meaning: "x" };
  return inner.add("guidegraph/formula", next, "On by the network's ε").out("tensor");
}

function unified(inner: InnerBuilder, wires: StepWires): Wire {
  const { step, entering } = wires;
  const at = { ...wires, x: renoised(inner, wires) };
  // One draw of f̃ for both kinds of guidance, and for all iterations.
  const z = inner.add("guidegraph/draw-noise", { noise: entering.draws, step }).out("eps");
  const smoothing = { z, smooth: parameter(inner, "γ", entering.smooth) };
  const { out } = throughUnet(inner, at, smoothing, (graph, x0, step) => ({
    x: blurred(graph, x0, { z: graph.input("z", "tensor"), smooth: graph.input("smooth", "number") }, step),
  }));
  const b = measured(inner, out("gradient"), out("eps"), entering.rho);
  const d = out("pred_xstart");
  const c = climbed(inner, at, { x0: d, eps: out("eps"), length: parameter(inner, "μ", entering.mu), smoothing });
  const a = ddim(inner, wires, out("prediction"));
  const text = `a + ${ofEps} * b + sqrt(alpha_bar_prev) * (c - d)`;
  const moved = { formula: text, a, b, c, d, step, meaning: "x" };
  return inner.add("guidegraph/formula", moved, "Variance and mean guidance").out("tensor");
}

const random = { noise: "noise", eta: "number" };

export const lossGuided = {
  "universal-ddim": {
    title: "Universal Guidance",
    description:
      "DDIM guided through x̂₀ (forward), and by moving x̂₀ itself so many times (backward), some steps taken again (self-recurrence): algorithm 1 of arXiv:2302.07121.",
    inputs: {
      ...{ ...network, ...random, again: "noise" },
      ...{ strength: "number", backward: "number", iterations: "number" },
    },
    defaults: { strength: 0.3, backward: 0.05, iterations: 0 },
    order: "listed",
    step: universal,
  },
  "freedom-ddim": {
    title: "FreeDoM",
    description:
      "DDIM moved down the energy of the predicted clean picture (eqs. 4 and 9 of arXiv:2303.09833), some steps taken again, its time travel.",
    inputs: { ...network, ...random, again: "noise", strength: "number" },
    defaults: { strength: 0.3 },
    order: "listed",
    step: freedom,
  },
  "lgd-mc-ddim": {
    title: "LGD-MC",
    description:
      "Loss guidance by so many draws around the predicted clean picture: Song et al. 2023, Loss-Guided Diffusion Models (ICML). The stream of draws is of as many times the samples.",
    inputs: { ...network, ...random, draws: "noise", count: "number", strength: "number" },
    defaults: { count: 4, strength: 0.3 },
    step: monteCarlo,
  },
  "mpgd-ddim": {
    title: "MPGD",
    description:
      "Moves the predicted clean picture itself along the classifier's gradient, without going through the UNet: arXiv:2311.16424, without its autoencoder.",
    inputs: { ...network, strength: "number" },
    defaults: { strength: 0.15 },
    step: manifold,
  },
  "tfg-ddim": {
    title: "Training-Free Guidance",
    description:
      "Training-free guidance with its parameters: variance guidance ρ, mean guidance μ in so many iterations, both of a smoothed by γ; recurrence by the order: arXiv:2409.15761.",
    inputs: {
      ...{ ...network, ...random, again: "noise", draws: "noise" },
      ...{ rho: "number", mu: "number", smooth: "number", iterations: "number" },
    },
    defaults: { rho: 0.25, mu: 0.04, smooth: 0.1, iterations: 1 },
    order: "listed",
    step: unified,
  },
} satisfies Record<string, Sampler>;
