/**
 * Checks gradient rules against central differences. A case is one node: its inputs, attributes and opset. The gradient
 * of Σ d_y · y with respect to each float input is computed by the gradient graph, on every provider at hand with the
 * optimiser on, with fixed and with run-time shapes, and compared with differences of the forward graph.
 */
import { expect } from "vitest";
import {
  type Attributes,
  type DataType,
  gradientModel,
  graphBuilder,
  lower,
  type OnnxModel,
  writeModel,
} from "../../onnx/index.ts";
import { type Feeds, openSession, type Provider } from "./sessions.ts";

/** A float input by its shape; with `values` or a `range` that they are drawn from; `null` where it is absent. */
export type Operand = readonly number[] | OperandOptions | null;

export interface OperandOptions {
  readonly dims: readonly number[];
  readonly values?: readonly number[];
  /** Interval that random values are drawn from, default −1 … 1. */
  readonly range?: readonly [number, number];
  /** Values at least 0.13 from each other and 0.06 from zero, for operators with kinks. */
  readonly apart?: boolean;
  readonly type?: DataType;
  /** An initializer, not an input. Integers are always such unless `input` is set. */
  readonly constant?: boolean;
  readonly input?: boolean;
}

export interface GradientCase {
  readonly x: readonly Operand[];
  readonly attrs?: Attributes;
  /** Default 18. */
  readonly opset?: number;
  /** Names of the outputs by use: true where the scalar depends on it. Default [true]. */
  readonly outputs?: readonly boolean[];
  /** Type of the output, default that of the first float input. */
  readonly y?: DataType;
  /** Inputs that are differentiated; default all float inputs that are no constants. */
  readonly wrt?: readonly number[];
  /** For rules that need some size to be known: run-time shapes are not tried. */
  readonly fixedShapes?: boolean;
  /** Step of the differences, default 0.02. */
  readonly step?: number;
  /** Largest relative L2 error, default 5e-4: differences of float32 values are good to about 1e-4. */
  readonly tolerance?: number;
  /** Providers that cannot run the forward operator. */
  readonly not?: readonly Provider[];
}

/** Whole numbers as a constant: axes, shapes, indices. A list is 1-d, a number 0-d. */
export const ints = (values: readonly number[] | number, dims?: readonly number[]): OperandOptions => ({
  dims: dims ?? (typeof values === "number" ? [] : [values.length]),
  values: typeof values === "number" ? [values] : values,
  type: "int64",
});
/** Floats as a constant. */
export const floats = (values: readonly number[] | number, dims?: readonly number[]): OperandOptions => ({
  ...ints(values, dims),
  type: "float32",
  constant: true,
});
export const positive = (dims: readonly number[]): OperandOptions => ({ dims, range: [0.4, 2] });
export const apart = (dims: readonly number[]): OperandOptions => ({ dims, apart: true });

interface Input {
  readonly name: string;
  readonly type: DataType;
  readonly dims: readonly number[];
  readonly values: Float64Array;
  readonly constant: boolean;
}

/** Fails when the gradient graph of `op` and the central differences disagree in one of the inputs. */
export async function checkGradient(
  op: string,
  given: GradientCase,
  providers: readonly Provider[] = ["cpu"],
): Promise<void> {
  const random = generator(hash(op + JSON.stringify(given)));
  const inputs = given.x.map((operand, index) => operand && materialise(operand, `x${index}`, random));
  const wrt =
    given.wrt ?? inputs.flatMap((x, index) => (x && !x.constant && x.type.startsWith("float") ? [index] : []));
  const model = oneNode(op, given, inputs, false);
  const feeds = Object.fromEntries(inputs.flatMap((x) => (x && !x.constant ? [[x.name, x]] : [])));
  const forward = await openSession(await writeModel(model), "cpu");
  const { y } = await forward.run(feeds);
  const dy = { type: y.type, dims: y.dims, values: Float64Array.from(y.values, () => random() * 2 - 1) };

  for (const index of wrt) {
    const x = inputs[index]!;
    const expected = await centralDifferences(forward.run, feeds, x.name, dy.values, given.step ?? 0.02);
    for (const { variant, on, model } of variants(op, given, inputs, x.name)) {
      for (const provider of providers) {
        if (given.not?.includes(provider) || !on.includes(provider)) continue;
        const session = await openSession(await writeModel(model()), provider);
        const result = (await session.run({ ...feeds, d_y: dy }))[`d_${x.name}`];
        await session.release();
        const place = `${op} on ${provider}, input ${index}, ${variant}`;
        expect(result.dims, place).toEqual(x.dims);
        const error = relativeError(result.values, expected);
        expect(error, `${place}: got ${shown(result.values)}, expected ${shown(expected)}`).toBeLessThan(
          given.tolerance ?? 5e-4,
        );
      }
    }
  }
  await forward.release();
}

interface Variant {
  readonly variant: string;
  readonly on: readonly Provider[];
  readonly model: () => OnnxModel;
}

/** The gradient graph as it is, with shapes known only at run time, and in the forms that the runtime is given. */
function variants(op: string, given: GradientCase, inputs: readonly (Input | null)[], wrt: string): readonly Variant[] {
  const gradient = (dynamic: boolean): OnnxModel =>
    gradientModel(oneNode(op, given, inputs, dynamic), { of: "y", wrt });
  return [
    { variant: "as the rules give it", on: ["cpu", "wasm"], model: () => gradient(false) },
    { variant: "run-time shapes", on: given.fixedShapes ? [] : ["cpu"], model: () => gradient(true) },
    { variant: "lowered for the cpu", on: ["cpu"], model: () => lower(gradient(false), "cpu") },
    { variant: "lowered for any", on: ["wasm", "webgpu"], model: () => lower(gradient(false), "portable") },
  ];
}

/** The model of one node; with several outputs, those used are flattened and joined to the one value "y". */
function oneNode(
  name: string,
  { attrs = {}, opset = 18, outputs = [true], y: type }: GradientCase,
  inputs: readonly (Input | null)[],
  dynamic: boolean,
): OnnxModel {
  const op = graphBuilder();
  const x = inputs.map((input) => {
    if (!input) return null;
    if (input.constant) return op.weight(input.name, { type: input.type, dims: input.dims, data: bytesOf(input) });
    return op.input(input.name, input.type, dynamic ? input.dims.map((_, i) => `${input.name}_${i}`) : input.dims);
  });
  const ys = op.add(name, x, attrs, outputs.length);
  const used = ys.filter((_, index) => outputs[index]);
  const y = used.length === 1 ? used[0] : op.Concat(...used.map((u) => op.Reshape(u, op.int64([-1]))), { axis: 0 });
  op.output("y", y, type ?? inputs.find((input) => input?.type.startsWith("float"))?.type ?? "float32");
  return op.model(`one ${name}`, opset);
}

function materialise(operand: NonNullable<Operand>, name: string, random: () => number): Input {
  const options: OperandOptions = "dims" in operand ? operand : { dims: operand };
  const { dims, type = "float32", range = [-1, 1], constant = !type.startsWith("float") && !options.input } = options;
  const count = dims.reduce((a, b) => a * b, 1);
  const values = Float64Array.from(options.values ?? { length: count }, (value, index) =>
    typeof value === "number"
      ? value
      : options.apart
        ? (index - (count >> 1)) * 0.14 + 0.07
        : range[0] + random() * (range[1] - range[0]),
  );
  if (values.length !== count) throw new RangeError(`${name}: ${values.length} values for shape [${dims}]`);
  if (options.apart && !options.values) shuffle(values, random);
  return { name, type, dims, constant, values: type === "float32" ? values.map(Math.fround) : values };
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

export function bytesOf({ type, values }: { readonly type: DataType; readonly values: Float64Array }): Uint8Array {
  if (type === "float32") return new Uint8Array(Float32Array.from(values).buffer);
  if (type === "float64") return new Uint8Array(values.slice().buffer);
  if (type === "int64")
    return new Uint8Array(BigInt64Array.from(values, (v) => (v >= 2 ** 63 ? 2n ** 63n - 1n : BigInt(v))).buffer);
  if (type === "int32") return new Uint8Array(Int32Array.from(values).buffer);
  if (type === "bool" || type === "uint8") return Uint8Array.from(values);
  throw new TypeError(`no test values of type ${type}`);
}

/** Deterministic numbers in [0, 1): mulberry32. */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const hash = (text: string): number => [...text].reduce((h, c) => (Math.imul(h, 31) + c.charCodeAt(0)) >>> 0, 7);

function shuffle(values: Float64Array, random: () => number): void {
  for (let i = values.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [values[i], values[j]] = [values[j], values[i]];
  }
}
