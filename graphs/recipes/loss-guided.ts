/**
 * Guidance by a classifier that has never seen noise: it is asked about the predicted clean picture. Lengths of gradients are
 * measured in those of ε, so that a strength says the same of every classifier and step.
 */
import type { InnerBuilder, Wire } from "../document/index.ts";
import { ddim, predict, type Sampler, type StepWires } from "./step-parts.ts";

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

/** log p(y | x̂₀) and its gradient by x̂₀ itself: no UNet is gone through. */
function byX0(inner: InnerBuilder, { step, entering }: StepWires, x0: Wire): Wire {
  const { classifier, wanted } = entering;
  const inside = { of: "log_p", by: "x0", x0, step, classifier, wanted };
  return inner
    .differentiate("log p(y | x₀)", inside, (graph) => {
      const [x, step] = [graph.input("x0", "tensor"), graph.input("step", "step")];
      const asked = { classifier: graph.input("classifier", "classifier"), x, step };
      const labels = graph.input("wanted", "labels");
      graph.output(
        "log_p",
        "tensor",
        graph.add("guidegraph/log-probability", { ...asked, labels }).out("log_probability"),
      );
    })
    .out("gradient");
}

/** A gradient made `strength` times as long as ε. */
const measured = (inner: InnerBuilder, tensor: Wire, like: Wire, norm: Wire): Wire =>
  inner.add("guidegraph/normalise", { tensor, like, norm }).out("tensor");

/** How much of ε a step of DDIM takes out of x. */
const ofEps = "(sqrt(alpha_bar_prev) / signal * sigma - sqrt(1 - alpha_bar_prev))";

const renoised = (inner: InnerBuilder, { x, step, entering }: StepWires): Wire =>
  inner.add("guidegraph/renoise", { x, step, noise: entering.again }).out("x");

function freedom(inner: InnerBuilder, wires: StepWires): Wire {
  const at = { ...wires, x: renoised(inner, wires) };
  const { out } = throughUnet(inner, at);
  const b = measured(inner, out("gradient"), out("eps"), wires.entering.strength);
  const a = ddim(inner, wires, out("prediction"));
  const moved = { formula: `a + ${ofEps} * b`, a, b, step: wires.step, meaning: "x" };
  return inner.add("guidegraph/formula", moved, "Down the energy").out("tensor");
}

const draws = 4;

function monteCarlo(inner: InnerBuilder, wires: StepWires): Wire {
  const { step, entering } = wires;
  const wanted = inner.add("guidegraph/repeat-labels", { labels: entering.wanted, times: draws }).out("labels");
  const at = { ...wires, entering: { ...entering, wanted } };
  const { out } = throughUnet(inner, at, { draws: entering.draws }, (graph, x0, step) => {
    const a = graph.add("guidegraph/repeat", { tensor: x0, times: draws }).out("tensor");
    const b = graph.add("guidegraph/draw-noise", { noise: graph.input("draws", "noise"), step }).out("eps");
    const blurred = { formula: "a + sigma * b", a, b, step, meaning: "x0" };
    return {
      x: graph.add("guidegraph/formula", blurred, "Draws of x₀").out("tensor"),
      of: (tensor) => graph.add("guidegraph/reduce-draws", { tensor, of: draws, by: "log-mean-exp" }).out("tensor"),
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
  const smooth = inner.add("guidegraph/number", { value: entering.smooth }, "γ").out("number");
  const { out } = throughUnet(inner, at, { draws: entering.draws, smooth }, (graph, a, step) => {
    const b = graph.add("guidegraph/draw-noise", { noise: graph.input("draws", "noise"), step }).out("eps");
    const blurred = { formula: "a + c * sigma * b", a, b, c: graph.input("smooth", "number"), step, meaning: "x0" };
    return { x: graph.add("guidegraph/formula", blurred, "Smoothed").out("tensor") };
  });
  const variance = measured(inner, out("gradient"), out("eps"), entering.rho);
  const mean = measured(inner, byX0(inner, at, out("pred_xstart")), out("eps"), entering.mu);
  const a = ddim(inner, wires, out("prediction"));
  const text = `a + ${ofEps} * b + sqrt(alpha_bar_prev) * sigma * c`;
  const moved = { formula: text, a, b: variance, c: mean, step, meaning: "x" };
  return inner.add("guidegraph/formula", moved, "Variance and mean guidance").out("tensor");
}

const random = { noise: "noise", eta: "number" };

export const lossGuided = {
  "freedom-ddim": {
    title: "FreeDoM",
    description:
      "DDIM moved down the energy of the predicted clean picture, some steps taken again: arXiv:2303.09833 with its time travel.",
    inputs: { ...network, ...random, again: "noise", strength: "number" },
    order: "listed",
    step: freedom,
  },
  "lgd-mc-ddim": {
    title: "LGD-MC",
    description:
      "Loss guidance by several draws around the predicted clean picture, four here: Song et al. 2023, Loss-Guided Diffusion Models (ICML).",
    inputs: { ...network, ...random, draws: "noise", strength: "number" },
    step: monteCarlo,
  },
  "mpgd-ddim": {
    title: "MPGD",
    description:
      "Moves the predicted clean picture itself along the classifier's gradient, without going through the UNet: arXiv:2311.16424.",
    inputs: { ...network, strength: "number" },
    step: manifold,
  },
  "tfg-ddim": {
    title: "Training-Free Guidance",
    description:
      "Training-free guidance with its parameters: variance guidance ρ, mean guidance μ, smoothing γ, recurrence: arXiv:2409.15761.",
    inputs: { ...network, ...random, again: "noise", draws: "noise", rho: "number", mu: "number", smooth: "number" },
    order: "listed",
    step: unified,
  },
} satisfies Record<string, Sampler>;
