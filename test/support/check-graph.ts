/** Checks gradient graphs against central differences of the forward graph. */
import { expect } from "vitest";
import { gradientModel, lower, type OnnxModel, type OnnxNode, writeModel } from "../../onnx/index.ts";
import { Inference } from "../../onnx/shapes/index.ts";
import { type Feeds, openSession, type Provider } from "./sessions.ts";

export interface GraphCheck {
  readonly title: string;
  /** The forward graph, with the output "y". */
  readonly model: OnnxModel;
  readonly feeds: Feeds;
  /** The input that is differentiated, and its shape. */
  readonly wrt: string;
  readonly dims: readonly number[];
  readonly random: () => number;
  /** Graphs that should all give d_<wrt> from d_y, and the providers that each is run on. */
  readonly gradients: readonly {
    readonly title: string;
    readonly on: readonly Provider[];
    readonly model: () => OnnxModel;
  }[];
  readonly providers?: readonly Provider[];
  /** Step of the differences, default 0.02. */
  readonly step?: number;
  /** Largest relative L2 error, default 5e-4: differences of float32 values are good to about 1e-4. */
  readonly tolerance?: number;
}

/** Fails when a gradient graph and the central differences of Σ d_y·y, with random d_y, disagree. */
export async function checkGraph(check: GraphCheck): Promise<void> {
  const {
    title,
    model,
    feeds,
    wrt,
    dims,
    random,
    gradients,
    providers = ["cpu"],
    step = 0.02,
    tolerance = 5e-4,
  } = check;
  const forward = await openSession(await writeModel(model), "cpu");
  const { y } = await forward.run(feeds);
  const dy = { type: y.type, dims: y.dims, values: Float64Array.from(y.values, () => random() * 2 - 1) };
  const expected = await centralDifferences(forward.run, feeds, wrt, dy.values, step);
  await forward.release();
  const checked: { readonly provider: Provider; readonly bytes: Uint8Array }[] = [];
  for (const gradient of gradients)
    for (const provider of providers) {
      if (!gradient.on.includes(provider)) continue;
      const bytes = await writeModel(gradient.model());
      // Where lowering finds nothing to do, the graph has been checked already.
      if (checked.some((other) => other.provider === provider && Buffer.compare(other.bytes, bytes) === 0)) continue;
      checked.push({ provider, bytes });
      const session = await openSession(bytes, provider);
      const result = (await session.run({ ...feeds, d_y: dy }))[`d_${wrt}`];
      await session.release();
      const place = `${title} on ${provider}, ${gradient.title}`;
      expect(result.dims, place).toEqual(dims);
      const error = relativeError(result.values, expected);
      expect(error, `${place}: got ${shown(result.values)}, expected ${shown(expected)}`).toBeLessThan(tolerance);
    }
}

/** The gradient of a model with respect to `wrt`, plain and lowered, for checkGraph. */
export function lowerings(model: OnnxModel, wrt: string): GraphCheck["gradients"] {
  const gradient = gradientModel(model, { of: "y", wrt });
  return [
    { title: "as the rules give it", on: ["cpu"], model: () => gradient },
    { title: "lowered for the cpu", on: ["cpu"], model: () => lower(gradient, "cpu") },
    {
      title: "lowered for cuda, by the kernels of the cpu",
      on: ["cpu"],
      model: () => withFloatAttention(lower(gradient, "cuda")),
    },
    { title: "lowered for any", on: ["cpu", "webgpu"], model: () => lower(gradient, "portable") },
  ];
}

/** The processor's MultiHeadAttention takes no halves, which CUDA's does: they are floats on the way through it. */
export function withFloatAttention(model: OnnxModel): OnnxModel {
  const types = new Inference(model.graph);
  const cast = (from: string, name: string, to: "float32" | "float16"): OnnxNode => ({
    ...{
      op: "Cast",
      domain: "",
      name: `cast ${name}`,
      inputs: [from],
      outputs: [name],
      attributes: { to },
      floats: new Set(),
    },
  });
  const nodes = model.graph.nodes.flatMap((node): readonly OnnxNode[] => {
    if (node.op !== "MultiHeadAttention" || types.facts(node.inputs[0])?.type !== "float16") return [node];
    const inputs = node.inputs.map((_, i) => `${node.outputs[0]}.in${i}`);
    const [y] = node.outputs;
    return [
      ...node.inputs.map((from, i) => cast(from, inputs[i], "float32")),
      { ...node, inputs, outputs: [`${y}.float`] },
      cast(`${y}.float`, y, "float16"),
    ];
  });
  return { ...model, graph: { ...model.graph, nodes } };
}

/**
 * ∂/∂xᵢ of Σ dy·y by differences of fourth order, (8(f(h) − f(−h)) − (f(2h) − f(−2h))) / 12h: the step can be large
 * enough for float32 while the error stays in h⁴.
 */
export async function centralDifferences(
  run: (feeds: Feeds) => Promise<Feeds>,
  feeds: Feeds,
  name: string,
  dy: Float64Array,
  step: number,
): Promise<Float64Array> {
  const x = feeds[name];
  const at = async (index: number, offset: number): Promise<number> => {
    const values = x.values.slice();
    values[index] = x.type === "float32" ? Math.fround(values[index] + offset) : values[index] + offset;
    const { y } = await run({ ...feeds, [name]: { ...x, values } });
    return y.values.reduce((total, value, i) => total + value * dy[i], 0);
  };
  const result = new Float64Array(x.values.length);
  for (let i = 0; i < result.length; i++) {
    const near = (await at(i, step)) - (await at(i, -step));
    const far = (await at(i, 2 * step)) - (await at(i, -2 * step));
    result[i] = (8 * near - far) / (12 * step);
  }
  return result;
}

/** L2 distance over the larger of the expected norm and 1e-2, so that a gradient of zero can be compared too. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [distance, norm] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    distance += (actual[i] - expected[i]) ** 2;
    norm += expected[i] ** 2;
  }
  return actual.length === expected.length
    ? Math.sqrt(distance) / Math.max(Math.sqrt(norm), 1e-2)
    : Number.POSITIVE_INFINITY;
}

const shown = (values: ArrayLike<number>): string =>
  Array.from(values, (value) => value.toFixed(4))
    .slice(0, 12)
    .join(" ");
