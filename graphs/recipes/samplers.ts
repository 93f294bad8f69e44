/**
 * The sampler library: each entry is a graph with inputs and outputs, to be inserted as a subgraph, opened and rewired.
 * All of them are one Sampling Loop around the same sentence (predict, guide, step), so they differ where the samplers
 * of the papers differ and nowhere else. Inputs that a network may not need (labels, low_res, condition) may be left unwired.
 */
import { nodes } from "../../nodes/index.ts";
import { documentBuilder, type Graph, type InnerBuilder, structures, type Wire } from "../document/index.ts";
import { freeGuidance } from "./free-guidance.ts";
import { lossGuided } from "./loss-guided.ts";
import { solvers } from "./solvers.ts";
import { ddim, meanVariance, predict, type Sampler, type StepWires, type Wires } from "./step-parts.ts";

/** The gradient moves the mean for DDPM (Algorithm 1 of arXiv:2105.05233), the score for DDIM (Algorithm 2). */
function guide(inner: InnerBuilder, { x, step, entering }: StepWires, prediction: Wire, how: "mean" | "score"): Wire {
  const { cond_fn } = entering;
  const gradient = inner.add("guidegraph/guidance-gradient", { cond_fn, x, step }).out("gradient");
  return inner.add(`guidegraph/condition-${how}`, { prediction, gradient }).out("prediction");
}

const ddpm = (inner: InnerBuilder, { entering: { noise } }: StepWires, prediction: Wire): Wire =>
  inner.add("guidegraph/ddpm-step", { prediction, noise }).out("x");

const network = { model: "model", labels: "labels" };
/** What a network may read beside x. */
const pictures = { low_res: "tensor", condition: "tensor" };
const random = { noise: "noise" };
const parameters = { clip_denoised: "boolean" };

const samplers = {
  "guided-ddpm": {
    title: "Guided DDPM",
    description:
      "Ancestral sampling whose mean is moved along the classifier's gradient: Algorithm 1 of arXiv:2105.05233.",
    inputs: { ...network, cond_fn: "cond_fn", ...random, ...parameters },
    step: (inner, wires) =>
      ddpm(inner, wires, guide(inner, wires, meanVariance(inner, wires, predict(inner, wires)), "mean")),
  },
  "guided-ddim": {
    title: "Guided DDIM",
    description: "DDIM whose score is moved along the classifier's gradient: Algorithm 2 of arXiv:2105.05233.",
    inputs: { ...network, cond_fn: "cond_fn", ...random, ...parameters, eta: "number" },
    step: (inner, wires) =>
      ddim(inner, wires, guide(inner, wires, meanVariance(inner, wires, predict(inner, wires)), "score")),
  },
  "interval-ddim": {
    title: "Interval DDIM",
    description:
      "Guided DDIM whose classifier is asked only where the noise per signal lies between From and To: arXiv:2404.07724.",
    inputs: { ...network, cond_fn: "cond_fn", ...random, ...parameters, eta: "number", from: "number", to: "number" },
    defaults: { from: 1, to: 10 },
    step: (inner, wires) => {
      const { step, entering } = wires;
      const plain = meanVariance(inner, wires, predict(inner, wires));
      const between = { step, measure: "noise_level", from: entering.from, to: entering.to };
      const condition = inner.add("guidegraph/step-interval", between).out("condition");
      const either = { condition, a: guide(inner, wires, plain, "score"), b: plain };
      return ddim(inner, wires, inner.add("guidegraph/switch-prediction", either).out("prediction"));
    },
  },
  "unguided-ddpm": {
    title: "Unguided DDPM",
    description: "Ancestral sampling: Algorithm 2 of arXiv:2006.11239, with labels where the network takes them.",
    inputs: { ...network, ...pictures, ...random, ...parameters },
    step: (inner, wires) => ddpm(inner, wires, meanVariance(inner, wires, predict(inner, wires))),
  },
  "unguided-ddim": {
    title: "Unguided DDIM",
    description:
      "Implicit sampling in few steps: eq. 12 of arXiv:2010.02502, with labels where the network takes them.",
    inputs: { ...network, ...pictures, ...random, ...parameters, eta: "number" },
    step: (inner, wires) => ddim(inner, wires, meanVariance(inner, wires, predict(inner, wires))),
  },
  "classifier-free-ddim": {
    title: "Classifier-Free DDIM",
    description: "DDIM along the difference between the labelled and the unlabelled prediction: arXiv:2207.12598.",
    inputs: { ...network, ...random, ...parameters, scale: "number", eta: "number" },
    step: (inner, wires) => {
      const { labels: _, ...unlabelled } = wires.entering;
      const conditional = predict(inner, wires);
      const unconditional = predict(inner, { ...wires, entering: unlabelled });
      const { scale } = wires.entering;
      const combined = inner.add("guidegraph/classifier-free-guidance", { conditional, unconditional, scale });
      return ddim(inner, wires, meanVariance(inner, wires, combined.out("model_output")));
    },
  },
  "autoguided-ddim": {
    title: "Autoguided DDIM",
    description:
      "DDIM away from what a weaker version of the network predicts, one less trained or smaller, with the same labels: arXiv:2406.02507.",
    inputs: { ...network, weak: "model", ...random, ...parameters, scale: "number", eta: "number" },
    step: (inner, wires) => {
      const conditional = predict(inner, wires);
      const poor = { ...wires, entering: { ...wires.entering, model: wires.entering.weak } };
      const unconditional = predict(inner, poor, "Predict weakly");
      const both = { conditional, unconditional, scale: wires.entering.scale };
      const away = inner.add("guidegraph/classifier-free-guidance", both, "Away from the weak");
      return ddim(inner, wires, meanVariance(inner, wires, away.out("model_output")));
    },
  },
  ...freeGuidance,
  ...solvers,
  ...lossGuided,
  "ddim-inversion": {
    title: "DDIM Inversion",
    description:
      "Walks a clean picture back to a latent from which DDIM draws it again: section 4.3 of arXiv:2010.02502. It is seldom the noise it was drawn from.",
    inputs: { ...network, ...parameters },
    order: "up",
    step: (inner, wires) => {
      const prediction = meanVariance(inner, wires, predict(inner, wires));
      return inner.add("guidegraph/ddim-reverse-step", { prediction }).out("x");
    },
  },
} satisfies Record<string, Sampler>;

export type SamplerName = keyof typeof samplers;
export const samplerNames = Object.keys(samplers) as SamplerName[];
export const samplerVersion = 1;

/** The library graph: inputs schedule, x and the sampler's own; output x. */
export function samplerGraph(name: SamplerName): Graph {
  const { title, description, inputs, defaults, order, step }: Sampler = samplers[name];
  const outside = documentBuilder(nodes, { title, description });
  const entering = { ...enter(outside, { schedule: "schedule", x: "tensor" }), ...enter(outside, inputs) };
  const way = order === "listed" ? { order: outside.input("order", "text") } : order && { order };
  const loop = outside.loop(title, { ...entering, ...way }, (inner) => {
    const own = enter(inner, { step: "step", x: "tensor" });
    inner.output("x", "tensor", step(inner, { x: own.x, step: own.step, entering: enter(inner, inputs) }));
  });
  outside.output("x", "tensor", loop.out("x"));
  const made = outside.document();
  // What a wired parameter of the loop holds is what the sampler's own begins with.
  const begun = made.nodes.map((node) =>
    node.type === structures.loop ? { ...node, properties: { ...node.properties, ...defaults } } : node,
  );
  return { ...made, nodes: begun };
}

const enter = (graph: InnerBuilder, inputs: Readonly<Record<string, string>>): Wires =>
  Object.fromEntries(Object.entries(inputs).map(([name, kind]) => [name, graph.input(name, kind)]));
