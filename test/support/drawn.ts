/** Drawn graphs of a few nodes around small networks in memory, on the processor. */
import { type Prediction, philoxNoise, predict, schedule, type Tensor } from "../../diffusion/index.ts";
import {
  type AnyNode,
  checkGiven,
  type DrawnGraph,
  type DrawnSource,
  type DrawnWish,
  GraphError,
  type Kind,
  type Kinds,
  type ModelOutput,
  type Ports,
} from "../../nodes/index.ts";
import { graphBuilder, type OnnxModel, writeModel } from "../../onnx/index.ts";
import { modelsOf } from "../../runtime/index.ts";
import { memoryNetworks } from "./memory-networks.ts";
import { generator } from "./random.ts";

export const [batch, channels, side, classes] = [2, 3, 4, 5];
export const dims = [batch, channels, side, side];

export const randomTensor = (seed: number, of: readonly number[] = dims): Tensor => {
  const next = generator(seed);
  return { dims: of, data: Float32Array.from({ length: of.reduce((a, b) => a * b, 1) }, () => 2 * next() - 1) };
};

const weights = (op: ReturnType<typeof graphBuilder>, seed: number, of: readonly number[]) =>
  op.float([...randomTensor(seed, of).data], of);

/** tanh(w ∗ x + t/200 + y) of 2·C channels: what a UNet of learned variance gives. */
function unet(): OnnxModel {
  const op = graphBuilder();
  const x = op.input("x", "float32", ["N", channels, side, side]);
  const t = op.Div(op.Unsqueeze(op.input("t", "float32", ["N"]), op.int64([1, 2, 3])), 200);
  const y = op.Cast(op.Unsqueeze(op.input("y", "int64", ["N"]), op.int64([1, 2, 3])), { to: "float32" });
  const seen = op.Conv(x, weights(op, 1, [2 * channels, channels, 3, 3]), { pads: [1, 1, 1, 1] });
  const out = op.Tanh(op.Add(seen, op.Add(t, op.Mul(y, 0.1))));
  op.output("out", out, "float32", ["N", 2 * channels, side, side]);
  return op.model("unet");
}

/** Softplus features of a picture as N×classes, and the features themselves. */
function reader(isTimed: boolean): OnnxModel {
  const op = graphBuilder();
  const x = op.input("x", "float32", ["N", channels, side, side]);
  const seen = op.Softplus(op.Conv(x, weights(op, 2, [classes, channels, 3, 3]), { pads: [1, 1, 1, 1] }));
  const logits = op.ReduceMean(seen, op.int64([2, 3]), { keepdims: 0 });
  const t = isTimed ? op.Div(op.Unsqueeze(op.input("t", "float32", ["N"]), op.int64([1])), 100) : 1;
  op.output("logits", op.Mul(logits, t), "float32", ["N", classes]);
  return op.model("reader");
}

const file = (name: string, flags = "") => ({ file: name, sha256: "", flags });
export const networks = memoryNetworks(
  new Map([
    ["unet.onnx", await writeModel(unet())],
    ["judge.onnx", await writeModel(reader(true))],
    ["reader.onnx", await writeModel(reader(false))],
  ]),
);
export const models = modelsOf(networks);
const model = await models.unet(file("unet.onnx", "--num_classes 4 --learn_sigma true"));
const at = schedule({ noiseSchedule: "cosine", diffusionSteps: 200, timestepRespacing: "ddim50" });
export const step = at.at(20);
const noise = philoxNoise({ seed: 4, dims });
const x = randomTensor(3);
const classifier = await models.classifier(file("judge.onnx"));
const output = await model.predict(x, step, [1, 2]);

/** A value of each kind that may enter a drawing. */
export const values: { readonly [K in Kind]?: Kinds[K][0] } = {
  number: 0.7,
  "number,tensor": { dims: [batch, 1, 1, 1], data: Float32Array.of(0.7, 1.6) },
  text: "a",
  boolean: true,
  labels: { values: [1, 2] },
  tensor: randomTensor(5),
  image: { dims: [1, side, side, 1], data: Uint8Array.from({ length: side * side }, (_, i) => (i * 37) % 256) },
  noise,
  step,
  schedule: at,
  model_output: output,
  model,
  classifier,
  cond_fn: await models.condFn(classifier, { values: [1, 2] }, 3),
  network: await models.network(file("reader.onnx")),
  prediction: predict(output.out, x, step, model.facts),
};

/** A prediction of an earlier step of sampling. */
export const noisier = predict(output.out, x, at.at(30), model.facts);

/** A node of a graph: its definition, and what feeds its ports. */
export interface Placed {
  readonly path: string;
  readonly definition: AnyNode;
  /** By port: the variable, "path output", or a value from outside. */
  readonly inputs: Readonly<
    Record<string, { readonly from: "variable" | readonly [string, string] } | { readonly value: unknown }>
  >;
}

export function graphOf(nodes: readonly Placed[], of: readonly [string, string], around = models) {
  const outside: unknown[] = [];
  const sourceOf = (given: Placed["inputs"][string]): DrawnSource => {
    if ("value" in given) return { is: "outside", index: outside.push(given.value) - 1 };
    return given.from === "variable" ? { is: "variable" } : { is: "output", of: given.from[0], output: given.from[1] };
  };
  const drawn: DrawnGraph = {
    nodes: nodes.map(({ path, definition, inputs }) => ({
      ...{ path, title: definition.title, definition },
      inputs: Object.fromEntries(Object.entries(inputs).map(([port, given]) => [port, sourceOf(given)])),
    })),
    of: { is: "output", of: of[0], output: of[1] },
    called: { of: "loss", by: "x" },
  };
  const graph = around.differentiated(drawn);
  return {
    /** `others` in place of what the nodes are given from outside. */
    run: (variable: Tensor, wishes: readonly DrawnWish[], others: readonly unknown[] = outside) =>
      graph.run(variable, others, wishes),
    weigh: (variable: Tensor, wishes: readonly DrawnWish[]) => graph.weigh(variable, outside, wishes),
  };
}

/** The same nodes, each by its `run`, and looked at as the executor does. */
export async function runAll(
  nodes: readonly Placed[],
  variable: Tensor,
): Promise<Map<string, Record<string, unknown>>> {
  const made = new Map<string, Record<string, unknown>>();
  for (const { path, definition, inputs } of nodes) {
    const given = Object.entries(inputs).map(([port, source]) => {
      if ("value" in source) return [port, source.value];
      return [port, source.from === "variable" ? variable : made.get(source.from[0])?.[source.from[1]]];
    });
    try {
      const outputs = (await definition.run(Object.fromEntries(given), {} as never)) as Record<string, unknown>;
      checkGiven(definition, outputs);
      made.set(path, outputs);
    } catch (error) {
      throw new GraphError((error as GraphError).message, (error as GraphError).port, path);
    }
  }
  return made;
}

/** The tensors of a value of a kind that is drawn. */
export function tensorsOf(kind: Kind, value: unknown): Readonly<Record<string, Tensor>> {
  if (kind === "tensor") return { tensor: value as Tensor };
  if (kind === "model_output") return { out: (value as ModelOutput).out };
  const { mean, variance, logVariance, x0 } = value as Prediction;
  return { mean, variance, logVariance, x0 };
}

export const portsOf = (definition: AnyNode): Ports => definition.inputs as Ports;
