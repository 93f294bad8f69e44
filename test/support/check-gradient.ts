/**
 * Checks gradient rules against central differences. A case is one node: its inputs, attributes and opset. The gradient
 * of Σ d_y · y with respect to each float input is computed by the gradient graph, on every provider at hand with the
 * optimiser on, with fixed and with run-time shapes, and compared with differences of the forward graph.
 */
import {
  type Attributes,
  type DataType,
  gradientModel,
  graphBuilder,
  lower,
  type OnnxModel,
} from "../../onnx/index.ts";
import { checkGraph } from "./check-graph.ts";
import { generator } from "./random.ts";
import type { Provider } from "./sessions.ts";

export { centralDifferences, relativeError } from "./check-graph.ts";

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
  readonly domain?: string;
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

export interface Input {
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
  for (const index of wrt) {
    const { dims, name } = inputs[index]!;
    const gradient = (dynamic: boolean): OnnxModel =>
      gradientModel(oneNode(op, given, inputs, dynamic), { of: "y", wrt: name });
    await checkGraph({
      title: `${op}, input ${index}`,
      model,
      feeds,
      wrt: name,
      dims,
      random,
      gradients: [
        { title: "as the rules give it", on: ["cpu"], model: () => gradient(false) },
        { title: "run-time shapes", on: given.fixedShapes ? [] : ["cpu"], model: () => gradient(true) },
        { title: "lowered for the cpu", on: ["cpu"], model: () => lower(gradient(false), "cpu") },
        { title: "lowered for any", on: ["wasm", "webgpu"], model: () => lower(gradient(false), "portable") },
      ],
      providers: providers.filter((provider) => !given.not?.includes(provider)),
      ...(given.step !== undefined && { step: given.step }),
      ...(given.tolerance !== undefined && { tolerance: given.tolerance }),
    });
  }
}

/** The model of one node; with several outputs, those used are flattened and joined to the one value "y". */
export function oneNode(
  name: string,
  { attrs = {}, domain = "", opset = 18, outputs = [true], y: type }: GradientCase,
  inputs: readonly (Input | null)[],
  dynamic: boolean,
): OnnxModel {
  const op = graphBuilder();
  const x = inputs.map((input) => {
    if (!input) return null;
    if (input.constant) return op.weight(input.name, { type: input.type, dims: input.dims, data: bytesOf(input) });
    return op.input(input.name, input.type, dynamic ? input.dims.map((_, i) => `${input.name}_${i}`) : input.dims);
  });
  const ys = op.node(name, x, attrs, outputs.length, domain);
  const used = ys.filter((_, index) => outputs[index]);
  const y = used.length === 1 ? used[0] : op.Concat(...used.map((u) => op.Reshape(u, op.int64([-1]))), { axis: 0 });
  op.output("y", y, type ?? inputs.find((input) => input?.type.startsWith("float"))?.type ?? "float32");
  return op.model(`one ${name}`, opset);
}

export function materialise(operand: NonNullable<Operand>, name: string, random: () => number): Input {
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

export function bytesOf({ type, values }: { readonly type: DataType; readonly values: Float64Array }): Uint8Array {
  if (type === "float32") return new Uint8Array(Float32Array.from(values).buffer);
  if (type === "float64") return new Uint8Array(values.slice().buffer);
  if (type === "int64")
    return new Uint8Array(BigInt64Array.from(values, (v) => (v >= 2 ** 63 ? 2n ** 63n - 1n : BigInt(v))).buffer);
  if (type === "int32") return new Uint8Array(Int32Array.from(values).buffer);
  if (type === "bool" || type === "uint8") return Uint8Array.from(values);
  throw new TypeError(`no test values of type ${type}`);
}

const hash = (text: string): number => [...text].reduce((h, c) => (Math.imul(h, 31) + c.charCodeAt(0)) >>> 0, 7);

function shuffle(values: Float64Array, random: () => number): void {
  for (let i = values.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [values[i], values[j]] = [values[j], values[i]];
  }
}
