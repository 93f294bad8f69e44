/**
 * The sampler library: each entry is a graph with inputs and outputs, to be inserted as a subgraph, opened and rewired.
 * All of them are one Sampling Loop around the same sentence (predict, guide, step), so they differ where the samplers
 * of the papers differ and nowhere else. Inputs that a network may not need (labels, low_res, condition) may be left unwired.
 */
import { nodes } from "../../nodes/index.ts";
import {
  borderName,
  documentBuilder,
  type Given,
  type Graph,
  type GraphNode,
  type InnerBuilder,
  own,
  structures,
  type Wire,
} from "../document/index.ts";
import { freeGuidance } from "./free-guidance.ts";
import { lossGuided } from "./loss-guided.ts";
import { restoring } from "./restoring.ts";
import { rewired } from "./rewired.ts";
import { solvers } from "./solvers.ts";
import { ddim, ddpm, guide, meanVariance, predict, type Sampler, type Wires } from "./step-parts.ts";

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
  ...rewired,
  ...restoring,
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
  const sampler: Sampler = samplers[name];
  const { title, description, inputs, around = {}, defaults, order, before, after } = sampler;
  const outside = documentBuilder(nodes, { title, description });
  const entering = enter(outside, { schedule: "schedule", x: "tensor", ...inputs, ...around });
  const way = order === "listed" ? { order: outside.input("order", "text") } : order && { order };
  const given = Object.fromEntries(Object.entries(entering).filter(([name]) => !Object.hasOwn(around, name)));
  const x = loopOf(outside, sampler, { ...given, ...way, ...before?.(outside, entering) }, title);
  outside.output("x", "tensor", after?.(outside, entering, x) ?? x);
  return beginning(outside.document(), defaults ?? {});
}

/** What a wired parameter holds is what the input that feeds it begins with. */
function beginning(graph: Graph, defaults: Readonly<Record<string, number | string>>): Graph {
  const begins = new Map(
    graph.nodes.flatMap((node) => {
      const value = node.type === structures.input ? own(defaults, borderName(node)) : undefined;
      return value === undefined ? [] : [[node.id, value] as const];
    }),
  );
  const holding = (node: GraphNode): GraphNode => {
    const fed = graph.links.filter(({ from, to }) => to === node.id && begins.has(from));
    const held = Object.fromEntries(fed.map(({ from, input }) => [input, begins.get(from) as number | string]));
    return { ...node, properties: { ...node.properties, ...held } };
  };
  return { ...graph, nodes: graph.nodes.map(holding) };
}

/** A sampler's loop in the graph itself, for examples whose point is its inside; what is not given does not enter it. */
export const laidOpen = (graph: InnerBuilder, name: SamplerName, given: Wires, title: string): Wire =>
  loopOf(graph, samplers[name], given, title);

const loopOf = (graph: InnerBuilder, { inputs, step }: Sampler, given: Given, title: string): Wire =>
  graph
    .loop(title, given, (inner) => {
      const { x, step: at } = enter(inner, { step: "step", x: "tensor" });
      const entering = Object.entries(inputs).filter(([name]) => Object.hasOwn(given, name));
      inner.output("x", "tensor", step(inner, { x, step: at, entering: enter(inner, Object.fromEntries(entering)) }));
    })
    .out("x");

const enter = (graph: InnerBuilder, inputs: Readonly<Record<string, string>>): Wires =>
  Object.fromEntries(Object.entries(inputs).map(([name, kind]) => [name, graph.input(name, kind)]));
