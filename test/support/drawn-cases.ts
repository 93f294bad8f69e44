/** What is wired to each drawn node and set there, by tables: for all tests that go through all of them. */
import { perSample, type Tensor } from "../../diffusion/index.ts";
import { type AnyNode, isStructure, nodes, type Registry } from "../../nodes/index.ts";
import { dims, noisier, type Placed, portsOf, randomTensor, values } from "./drawn.ts";

export const all = Object.values(nodes as Registry).flatMap((entry): AnyNode[] => (isStructure(entry) ? [] : [entry]));
// What an export alone draws is held together with its `run` where graphs are exported: test/export/.
export const drawn = all.filter(({ draw, undrawn }) => draw && undrawn === undefined);

export const oneEach = (...numbers: readonly number[]): Tensor => perSample(numbers);

const spread: Tensor = { dims, data: randomTensor(31).data.map((value) => 0.1 + value ** 2) };

type Set = Readonly<Record<string, unknown>>;
/** `h`: how far the points of a difference lie apart, less where kinks are between them. */
export type Case = {
  readonly name: string;
  readonly set?: Set;
  readonly without?: readonly string[];
  readonly h?: number;
};
export const plain: readonly Case[] = [{ name: "" }];
/** The one of two tensors, and then the other, is one sample. */
const shared = (a: string, b: string): Case[] =>
  [a, b].map((port) => ({ name: `one ${port} for all`, set: { [port]: randomTensor(8, [1, ...dims.slice(1)]) } }));
const choices = (port: string, ...values: readonly (string | number | boolean)[]): Case[] =>
  values.map((value) => ({ name: `${port} ${value}`, set: { [port]: value } }));

/** What is wired and set, where it is not simply everything. */
export const cases: Readonly<Record<string, readonly Case[]>> = {
  "guidegraph/predict": [{ name: "", without: ["low_res", "condition"] }],
  "guidegraph/mean-variance": [
    { name: "clipped", set: { clip_denoised: true }, h: 1 / 8192 },
    { name: "not clipped", set: { clip_denoised: false } },
  ],
  "guidegraph/change-prediction": [
    { name: "its x₀", without: ["eps", "mean", "variance"] },
    { name: "its ε", without: ["pred_xstart", "mean", "variance"] },
    { name: "its mean and variance", without: ["pred_xstart", "eps"], set: { variance: spread } },
  ],
  "guidegraph/dynamic-threshold": choices("percentile", 0.995, 0.5, 1, 0),
  "guidegraph/clip-prediction": [{ name: "", set: { low: -0.4, high: 0.3 }, h: 1 / 8192 }],
  "guidegraph/prediction-from-x0": [{ name: "of a network" }, { name: "of the schedule", without: ["model_output"] }],
  "guidegraph/dpm-solver-step": [
    { name: "of second order", set: { previous: noisier } },
    { name: "of first order" },
    { name: "of the SDE", set: { previous: noisier, eta: 0.7 } },
  ],
  "guidegraph/apply-network": [{ name: "", set: { output: "" }, without: ["step", "other"] }],
  "guidegraph/scale": [{ name: "each by its own" }, { name: "all by one", set: { scale: 1.7 } }],
  "guidegraph/add": [
    { name: "each by its own" },
    { name: "all by one", set: { weight_a: 1.7, weight_b: -1 } },
    ...shared("a", "b"),
  ],
  "guidegraph/pick": [
    { name: "by labels", set: { labels: { values: [1, 2] } } },
    { name: "by index", without: ["labels"], set: { index: oneEach(2, 0) } },
    { name: "one for all", without: ["labels"], set: { index: 1 } },
  ],
  "guidegraph/repeat": ["each", "all"].map((order) => ({ name: `${order}, three times`, set: { times: 3, order } })),
  "guidegraph/take-samples": [
    { name: "the second", set: { first: 1, count: 1 } },
    { name: "both", set: { first: 0, count: 2 } },
  ],
  "guidegraph/gather": [
    { name: "as many", set: { indices: oneEach(1, 1) } },
    { name: "more", set: { indices: oneEach(1, 0, 1) } },
  ],
  "guidegraph/rank": [
    { name: "of all", set: { of: 0, count: 1, first: "highest" } },
    { name: "in order", set: { of: 2, count: 2, first: "lowest" } },
  ],
  "guidegraph/resample": [0, 1].flatMap((threshold) =>
    [0, 1, 2].map((of) => ({ name: `${of}, ${threshold === 1 ? "drawn" : "as they are"}`, set: { of, threshold } })),
  ),
  "guidegraph/reduce-draws": ["mean", "sum", "max", "log-mean-exp"].flatMap((by) =>
    [0, 1, 2].map((of) => ({ name: `${by} of ${of}`, set: { by, of } })),
  ),
  "guidegraph/formula": [
    "a * b + 2",
    "-a ^ 2 / (1 + abs(b))",
    "exp(tanh(a)) - log(2 + b) * sqrt(3 + a)",
    "a > b ? a : b * c",
    "where(a < 0.2 && b >= 0 || !c, a, sin(b) + cos(c))",
    "clamp(a, -0.3, 0.4) + max(a, b, 0) - min(a, 0.1)",
    "table(index / 20, a, b) * curve(a, -1, 0, 0.2, 3, 1, 2)",
    "alpha_bar * a + sigmoid(b) ^ 1.5",
  ].map((formula) => ({ name: formula, set: { formula, meaning: "" } })),
  "guidegraph/take-as": [{ name: "", set: { meaning: "eps" } }],
  "guidegraph/mask": [{ name: "" }, { name: "to zero", without: ["other"] }, ...shared("tensor", "other")],
  "guidegraph/normalise": [
    { name: "like" },
    ...shared("tensor", "like"),
    ...["euclidean", "root-mean-square"].map((measure) => ({ name: measure, set: { measure }, without: ["like"] })),
  ],
  "guidegraph/squared-error": [
    ...choices("measure", "sum", "mean", "norm"),
    { name: "no mask", without: ["mask"] },
    ...shared("tensor", "target"),
  ],
  "guidegraph/absolute-error": [...choices("measure", "sum", "mean"), ...shared("tensor", "target")],
  "guidegraph/dot": [{ name: "each with its own" }, ...shared("a", "b")],
  "guidegraph/project": [{ name: "each on its own" }, ...shared("tensor", "onto")],
  "guidegraph/total-variation": choices("measure", "absolute", "squared"),
  "guidegraph/cosine-similarity": [{ name: "each with its own" }, ...shared("tensor", "target")],
  "guidegraph/log-probability": [
    { name: "of a classifier", without: ["logits"] },
    { name: "of logits", without: ["classifier", "x", "step"], set: { logits: randomTensor(9, [2, 5]) } },
  ],
  "guidegraph/reduce": ["sum", "mean", "max", "norm", "deviation"].flatMap((by) =>
    ["sample", "channels", "space"].map((over) => ({ name: `${by} over ${over}`, set: { by, over } })),
  ),
  "guidegraph/resize": ["nearest", "linear", "cubic"].flatMap((method) =>
    [
      [7, 3],
      [2, 5],
    ].map(([height, width]) => ({ name: `${method} to ${height}×${width}`, set: { method, height, width } })),
  ),
  "guidegraph/crop": [
    { name: "a part", set: { top: 1, left: 2, height: 3, width: 2 } },
    { name: "beyond the borders", set: { top: -2, left: -1, height: 8, width: 5 } },
  ],
  "guidegraph/pad": ["zeros", "edge", "mirror"].map((border) => ({
    ...{ name: border, set: { top: 1, bottom: 2, left: 3, right: 0, with: border } },
  })),
  "guidegraph/low-pass": [2, 3].map((factor) => ({ name: `by ${factor}`, set: { factor } })),
  "guidegraph/mix-channels": [
    ...choices("by", "grey", "RGB to YCbCr"),
    { name: "any", set: { by: "matrix", matrix: "1 -2 0.5; 0 1e-1 3" } },
  ],
  "guidegraph/slerp": [{ name: "each by its own" }, { name: "half-way", set: { t: 0.5 } }, ...shared("a", "b")],
  "guidegraph/difference": [...choices("channels", "each", "sum", "mean"), ...shared("a", "b")],
  "guidegraph/switch": choices("condition", 0, 1),
  "guidegraph/switch-prediction": choices("condition", 0, 1),
  "guidegraph/ddim-step": [
    { name: "eta 0.4", set: { eta: 0.4 } },
    { name: "eta 0", without: ["noise"] },
  ],
};

/** A port that says which, not how much, or takes nothing negative: it is never the variable's. */
export const chosen: Readonly<Record<string, string>> = {
  "guidegraph/pick": "index",
  "guidegraph/gather": "indices",
  "guidegraph/rank": "scores",
  "guidegraph/resample": "log_weights",
  "guidegraph/change-prediction": "variance",
};

/** What lets no gradient through, and is no step in what it computes: a difference shows a slope all the same. */
export const constant: ReadonlySet<string> = new Set(["guidegraph/stop-gradient"]);

export function inputsOf(definition: AnyNode, { set = {}, without = [] }: Case): Record<string, unknown> {
  const ports = Object.entries(portsOf(definition)).filter(([name]) => !without.includes(name));
  return Object.fromEntries(
    ports.map(([name, { kind, parameter }]) => [
      name,
      set[name] ?? (kind === "number,tensor" ? values[kind] : (parameter?.default ?? values[kind])),
    ]),
  );
}

/** A drawn kind made of the variable: tensors are, the others are made by nodes. */
export const makers: Readonly<
  Record<string, { readonly nodes: readonly Placed[]; readonly from: Placed["inputs"][string] }>
> = (() => {
  const given = (definition: AnyNode, more: Placed["inputs"]): Placed["inputs"] => ({
    ...Object.fromEntries(
      Object.entries(inputsOf(definition, { name: "", without: ["low_res", "condition"] })).map(([port, value]) => [
        port,
        { value },
      ]),
    ),
    ...more,
  });
  const variable = { from: "variable" } as const;
  const predicted: Placed = {
    path: "1",
    definition: nodes["guidegraph/predict"],
    inputs: given(nodes["guidegraph/predict"], { x: variable }),
  };
  const spread: Placed = {
    path: "2",
    definition: nodes["guidegraph/mean-variance"],
    inputs: given(nodes["guidegraph/mean-variance"], {
      ...{ model_output: { from: ["1", "model_output"] }, x: variable },
      // A value that a clip stops between two points would spoil their difference.
      clip_denoised: { value: false },
    }),
  };
  const lengths: Placed = {
    path: "1",
    definition: nodes["guidegraph/reduce"],
    inputs: { tensor: variable, by: { value: "norm" }, over: { value: "sample" } },
  };
  return {
    tensor: { nodes: [], from: variable },
    "number,tensor": { nodes: [lengths], from: { from: ["1", "tensor"] } },
    model_output: { nodes: [predicted], from: { from: ["1", "model_output"] } },
    prediction: { nodes: [predicted, spread], from: { from: ["2", "prediction"] } },
  };
})();

/** What a drawn kind comes to as one tensor, of which a gradient can be asked. */
export const readers: Readonly<
  Record<string, (from: readonly [string, string]) => { nodes: Placed[]; of: [string, string] }>
> = {
  tensor: ([path, output]) => ({ nodes: [], of: [path, output] }),
  model_output: (from) => ({
    nodes: [
      {
        path: "8",
        definition: nodes["guidegraph/mean-variance"],
        inputs: { ...spreadInputs(), model_output: { from } },
      },
    ],
    of: ["8", "mean"],
  }),
  prediction: (from) => ({
    nodes: [
      {
        path: "9",
        definition: nodes["guidegraph/ddpm-step"],
        inputs: { prediction: { from }, noise: { value: values.noise } },
      },
    ],
    of: ["9", "x"],
  }),
};
export const spreadInputs = (): Placed["inputs"] => ({
  x: { value: values.tensor },
  step: { value: values.step },
  clip_denoised: { value: false },
});
