/**
 * How much of ONNX can be differentiated: the ONNX project's own node tests (Debian: libonnx-testdata), each gradient of an
 * output with respect to an input held against central differences of the forward graph. `ONNX_CASES=gather` takes those
 * whose name has this in it, `ONNX_TEST_DATA` another folder of them; each case that is not fully right is named.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { InferenceSession, Tensor } from "onnxruntime-node";
import {
  type DataType,
  GradientError,
  gradientModel,
  type OnnxModel,
  type OnnxTensor,
  readModel,
  type ValueInfo,
  writeModel,
} from "../../onnx/index.ts";
import { ModelProtoSchema, TensorProtoSchema } from "../../onnx/proto/onnx_pb.ts";
import { generator } from "../support/random.ts";

const folder = process.env.ONNX_TEST_DATA ?? "/usr/share/libonnx-testdata/data/node";

type Outcome = "right" | "refused" | "invalid" | "wrong";
type Verdict = "fully right" | "in part" | "refused" | "invalid" | "wrong" | "not applicable";
type Feeds = Record<string, Tensor>;

export async function onnxCases(): Promise<void> {
  console.log(`\nONNX node tests: gradients against central differences, ${folder}`);
  if (!existsSync(folder)) {
    console.log("  not here: apt-get install libonnx-testdata, or name the folder in ONNX_TEST_DATA");
    return;
  }
  const counts = new Map<Verdict, number>();
  for (const name of readdirSync(folder).sort()) {
    if (!name.includes(process.env.ONNX_CASES ?? "")) continue;
    const { verdict, reasons } = await judge(join(folder, name));
    counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
    if (verdict !== "fully right" && verdict !== "not applicable")
      console.log(`  ${verdict.padEnd(8)} ${name.replace(/^test_/, "")}: ${[...new Set(reasons)].join("; ")}`);
  }
  for (const [verdict, count] of [...counts].sort()) console.log(`  ${String(count).padStart(5)}  ${verdict}`);
}

interface Judgement {
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
}

async function judge(path: string): Promise<Judgement> {
  const none: Judgement = { verdict: "not applicable", reasons: [] };
  const bytes = new Uint8Array(readFileSync(join(path, "model.onnx")));
  const forward = await open(bytes).catch(() => undefined);
  if (!forward) return none;
  let model: OnnxModel;
  let feeds: Feeds;
  try {
    const read = readModel(bytes);
    model = { ...read, graph: { ...read.graph } };
    feeds = feedsOf(path, model);
    await forward.run(feeds);
  } catch {
    return none;
  }
  const { inputs, outputs } = model.graph;
  const outcomes: Outcome[] = [];
  const reasons: string[] = [];
  for (const of of outputs.filter(({ type }) => isFloat(type)))
    for (const wrt of inputs.filter(({ name, type }) => isFloat(type) && feeds[name].size > 0)) {
      const [outcome, reason] = await compared(forward, model, feeds, of, wrt);
      if (outcome === undefined) continue;
      outcomes.push(outcome);
      if (reason) reasons.push(`d ${of.name}/d ${wrt.name} ${reason}`);
    }
  await forward.release();
  const has = (outcome: Outcome): boolean => outcomes.includes(outcome);
  if (outcomes.length === 0) return none;
  if (has("wrong")) return { verdict: "wrong", reasons };
  if (has("invalid")) return { verdict: "invalid", reasons };
  if (!has("refused")) return { verdict: "fully right", reasons };
  return { verdict: has("right") ? "in part" : "refused", reasons };
}

/** What becomes of one gradient; undefined where the output is no function of the input. */
async function compared(
  forward: InferenceSession,
  model: OnnxModel,
  feeds: Feeds,
  of: ValueInfo,
  wrt: ValueInfo,
): Promise<[Outcome | undefined, string?]> {
  let gradient: OnnxModel;
  try {
    gradient = gradientModel(model, { of: of.name, wrt: wrt.name });
  } catch (error) {
    if (error instanceof RangeError && /does not depend/.test(error.message)) return [undefined];
    return [error instanceof GradientError || error instanceof RangeError ? "refused" : "wrong", String(error)];
  }
  const { [of.name]: y } = await forward.run(feeds, [of.name]);
  const random = generator(17);
  const dy = Float64Array.from({ length: y.size }, () => random() * 2 - 1);
  let actual: Float64Array;
  try {
    const session = await open(await writeModel(gradient));
    const name = `d_${wrt.name}`;
    const given = { ...feeds, [`d_${of.name}`]: tensor(of.type, y.dims, dy) };
    const fed = Object.fromEntries(session.inputNames.map((input) => [input, given[input]]));
    actual = numbers((await session.run(fed))[name]);
    await session.release();
  } catch (error) {
    return ["invalid", String(error).split("\n")[0]];
  }
  const x = numbers(feeds[wrt.name]);
  if (actual.length !== x.length) return ["wrong", `has ${actual.length} values for ${x.length}`];
  const half = wrt.type === "float16" || of.type === "float16";
  const step = half ? 2 ** -4 : wrt.type === "float64" ? 1e-4 : 4e-3;
  const at = async (index: number, offset: number): Promise<number> => {
    const moved = x.slice();
    moved[index] += offset;
    const feed = { ...feeds, [wrt.name]: tensor(wrt.type, feeds[wrt.name].dims, moved) };
    // Outside of its domain an operator may refuse to run.
    const result = await forward.run(feed, [of.name]).catch(() => undefined);
    if (!result) return Number.NaN;
    const values = numbers(result[of.name]);
    return values.length === dy.length ? values.reduce((sum, value, i) => sum + value * dy[i], 0) : Number.NaN;
  };
  const scale = Math.max(...actual.map(Math.abs), 1);
  const tolerance = half ? 0.15 : 0.02;
  const indices = Array.from({ length: Math.min(10, x.length) }, (_, i) =>
    Math.floor((i * x.length) / Math.min(10, x.length)),
  );
  for (const index of indices) {
    const h = step * Math.max(1, Math.sqrt(Math.abs(x[index])));
    const middle = await at(index, 0);
    const [left, right, farLeft, farRight] = [
      (middle - (await at(index, -h))) / h,
      ((await at(index, h)) - middle) / h,
      (middle - (await at(index, -2 * h))) / (2 * h),
      ((await at(index, 2 * h)) - middle) / (2 * h),
    ];
    const isSmooth = [right, farLeft, farRight].every(
      (slope) => Math.abs(slope - left) <= 2 * tolerance * Math.max(scale, Math.abs(left)),
    );
    // At a kink or a step, and outside of the operator's domain, there is no derivative to compare with.
    if (!isSmooth) continue;
    const expected = (left + right) / 2;
    if (!(Math.abs(actual[index] - expected) <= tolerance * Math.max(scale, Math.abs(expected))))
      return ["wrong", `is ${actual[index]} at ${index}, expected ${expected}`];
  }
  return ["right"];
}

const isFloat = (type: DataType): boolean => type === "float32" || type === "float64" || type === "float16";

const open = (bytes: Uint8Array): Promise<InferenceSession> =>
  InferenceSession.create(bytes, { logSeverityLevel: 4, intraOpNumThreads: 1 });

/** The first set of test data: a TensorProto a file, in the order of the inputs. */
function feedsOf(path: string, { graph: { inputs } }: OnnxModel): Feeds {
  const feed = ({ name }: ValueInfo, index: number): [string, Tensor] => {
    const bytes = new Uint8Array(readFileSync(join(path, "test_data_set_0", `input_${index}.pb`)));
    const { type, dims, data } = tensorOf(bytes);
    return [name, fromBytes(type, dims, data as Uint8Array)];
  };
  return Object.fromEntries(inputs.map(feed));
}

/** By way of a model that holds nothing else, whose reader knows every form of a tensor. */
function tensorOf(bytes: Uint8Array): OnnxTensor {
  const initializer = [{ ...fromBinary(TensorProtoSchema, bytes), name: "tensor" }];
  const model = create(ModelProtoSchema, { graph: { initializer }, opsetImport: [{ domain: "", version: 17n }] });
  return readModel(toBinary(ModelProtoSchema, model)).graph.initializers.get("tensor")!;
}

const arrays = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  bool: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
} as const;

function fromBytes(type: DataType, dims: readonly number[], data: Uint8Array): Tensor {
  const array = arrays[type as keyof typeof arrays];
  if (!array) throw new TypeError(`no tensors of ${type}`);
  return new Tensor(type as "float32", new array(data.slice().buffer) as Float32Array, dims);
}

function tensor(type: DataType, dims: readonly number[], values: Float64Array): Tensor {
  if (type === "float64") return new Tensor("float64", values.slice(), dims);
  if (type === "float16") return new Tensor("float16", Uint16Array.from(values, halfOf), dims);
  return new Tensor("float32", Float32Array.from(values), dims);
}

function numbers({ type, data }: Tensor): Float64Array {
  return Float64Array.from(data as Float32Array, (value) =>
    type === "float16" && data instanceof Uint16Array ? numberOf(value) : Number(value),
  );
}

function numberOf(bits: number): number {
  const [sign, exponent, fraction] = [bits & 0x8000 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

function halfOf(value: number): number {
  const sign = value < 0 ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size >= 65504) return sign | 0x7bff;
  const exponent = Math.max(-14, Math.floor(Math.log2(size || 2 ** -30)));
  const units = Math.round(size / 2 ** (exponent - 10));
  return sign | (exponent === -14 ? units : ((exponent + 14) << 10) + units);
}
