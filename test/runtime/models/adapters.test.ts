/**
 * Classifiers as people export them: the same function behind another border must give the same logits and the same
 * gradient, and that gradient must agree with central differences through the border.
 */
import { afterAll, describe, expect, test } from "vitest";
import { type Step, schedule, type Tensor } from "../../../diffusion/index.ts";
import type { Classifier } from "../../../nodes/index.ts";
import {
  type DataType,
  type Dim,
  type GraphBuilder,
  graphBuilder,
  type Value,
  writeModel,
} from "../../../onnx/index.ts";
import { modelsOf } from "../../../runtime/index.ts";
import { relativeError } from "../../support/check-gradient.ts";
import { memoryNetworks } from "../../support/memory-networks.ts";
import { generator } from "../../support/random.ts";

const random = generator(11);
const weights = (count: number): number[] => Array.from({ length: count }, () => random() * 1.4 - 0.7);
const [kernel, mixing, timing] = [weights(108), weights(12), weights(3)];

/** Logits N×3 of pictures N×3×6×6 in −1 … 1 and, where there is one, a timestep N×1. */
function logitsOf(op: GraphBuilder, x: Value, t: Value | undefined): Value {
  const features = op.Tanh(op.Conv(x, op.float(kernel, [4, 3, 3, 3]), { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }));
  const mean = op.Flatten(op.GlobalAveragePool(features), { axis: 1 });
  const z = op.Mul(op.MatMul(mean, op.float(mixing, [4, 3])), 4);
  return t === undefined ? z : op.Add(z, op.Mul(op.Mul(t, 0.001), op.float(timing, [1, 3])));
}

interface Border {
  readonly x?: readonly Dim[];
  readonly xType?: DataType;
  /** null: no timestep. Default N float32. */
  readonly t?: readonly Dim[] | null;
  readonly tType?: DataType;
  readonly out?: readonly Dim[];
  readonly outType?: DataType;
  readonly opset?: number;
  /** From its own picture to −1 … 1. */
  readonly front?: (op: GraphBuilder, x: Value) => Value;
  /** From logits to its own answer. */
  readonly behind?: (op: GraphBuilder, logits: Value) => Value;
  readonly flags?: string;
  /** What is said of it. */
  readonly says: RegExp | undefined;
  readonly tolerance?: number;
}

function bytesOf(border: Border): Promise<Uint8Array> {
  const {
    x = ["N", 3, 6, 6],
    xType = "float32",
    t = ["N"],
    tType = "float32",
    out = ["N", 3],
    outType = "float32",
  } = border;
  const op = graphBuilder();
  const picture = op.input("x", xType, x);
  const time = t && op.input("t", tType, t);
  const floatTime = time && op.Reshape(op.Cast(time, { to: "float32" }), op.int64([-1, 1]));
  const logits = logitsOf(op, border.front ? border.front(op, picture) : picture, floatTime ?? undefined);
  op.output("logits", border.behind ? border.behind(op, logits) : logits, outType, out);
  return writeModel(op.model("border", border.opset ?? 18));
}

const perChannel = (op: GraphBuilder, values: readonly number[]): Value => op.float(values, [1, 3, 1, 1]);
const unnormalised =
  (mean: number[], std: number[]) =>
  (op: GraphBuilder, x: Value): Value =>
    op.Sub(op.Mul(op.Add(op.Mul(x, perChannel(op, std)), perChannel(op, mean)), 2), 1);
const softmax = (op: GraphBuilder, z: Value): Value => op.Softmax(z, { axis: 1 });

const timed: Record<string, Border> = {
  plain: { says: undefined },
  NHWC: { x: ["N", 6, 6, 3], front: (op, x) => op.Transpose(x, { perm: [0, 3, 1, 2] }), says: /N×H×W×C/ },
  "a batch of one": { x: [1, 3, 6, 6], t: [1], out: [1, 3], says: /one picture at a time/ },
  "a batch of two": { x: [2, 3, 6, 6], t: [2], out: [2, 3], says: /2 pictures at a time/ },
  softmax: { behind: softmax, says: /Softmax taken off/ },
  "softmax of opset 11": { behind: softmax, opset: 11, says: /Softmax taken off/ },
  "log softmax": { behind: (op, z) => op.LogSoftmax(z, { axis: 1 }), says: undefined },
  "softmax, reshaped": {
    behind: (op, z) => op.Unsqueeze(softmax(op, z), op.int64([2, 3])),
    out: ["N", 3, 1, 1],
    says: /Softmax taken off, answers N×3×1×1/,
  },
  "N×K×1×1": { behind: (op, z) => op.Unsqueeze(z, op.int64([2, 3])), out: ["N", 3, 1, 1], says: /answers N×3×1×1/ },
  "t int64": { tType: "int64", says: undefined },
  "t int64, N×1": { tType: "int64", t: ["N", 1], says: /t as int64 N×1/ },
  "t int32": { tType: "int32", says: /t as int32 N/ },
  "t of rank 0": { t: [], says: /t as float32 a number/ },
  "t int64 of rank 0": { t: [], tType: "int64", says: /t as int64 a number/ },
  "t N×1": { t: ["N", 1], says: /t as float32 N×1/ },
  "t N×1×1×1": { t: ["N", 1, 1, 1], says: /t as float32 N×1×1×1/ },
  "t float16": { tType: "float16", says: /t as float16 N/ },
  "float16 in and out": {
    xType: "float16",
    outType: "float16",
    front: (op, x) => op.Cast(x, { to: "float32" }),
    behind: (op, z) => op.Cast(z, { to: "float16" }),
    says: /takes float16.*answers float16/,
    tolerance: 5e-3,
  },
  "values 0 … 1, chosen": {
    front: (op, x) => op.Sub(op.Mul(x, 2), 1),
    flags: '--values "[0, 1]"',
    says: /values \[0, 1\]/,
  },
  "values 0 … 255, told by its arithmetic": {
    front: (op, x) => op.Sub(op.Div(x, 127.5), 1),
    says: /values \[0, 255\] \(it scales by 128 itself\)/,
  },
  "values 0 … 1, told by its arithmetic": {
    front: (op, x) => op.Div(op.Sub(x, 0.5), 0.5),
    says: /values \[0, 1\] \(it subtracts 0\.5 itself\)/,
  },
  bytes: {
    xType: "uint8",
    front: (op, x) => op.Sub(op.Div(op.Cast(x, { to: "float32" }), 127.5), 1),
    says: /values \[0, 255\] \(it takes bytes\), takes uint8/,
  },
  "bytes, NHWC": {
    x: ["N", 6, 6, 3],
    xType: "uint8",
    front: (op, x) => op.Sub(op.Div(op.Cast(op.Transpose(x, { perm: [0, 3, 1, 2] }), { to: "float32" }), 127.5), 1),
    says: /N×H×W×C.*takes uint8/,
  },
  "ImageNet values": {
    front: unnormalised([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
    flags: "--values ImageNet",
    says: /values ImageNet/,
  },
  "CLIP values": {
    front: unnormalised([0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]),
    flags: "--values clip",
    says: /values CLIP/,
  },
  "all at once": {
    x: [1, 6, 6, 3],
    xType: "uint8",
    t: [1, 1],
    tType: "int64",
    out: [1, 3, 1, 1],
    front: (op, x) => op.Sub(op.Div(op.Cast(op.Transpose(x, { perm: [0, 3, 1, 2] }), { to: "float32" }), 127.5), 1),
    behind: (op, z) => op.Unsqueeze(softmax(op, z), op.int64([2, 3])),
    says: /N×H×W×C, values \[0, 255\].*t as int64 1×1, one picture at a time, Softmax taken off/,
  },
};

/** Without a timestep: what their pictures are resized to is told by the file or chosen. */
const untimed: Record<string, Border> = {
  plain: { t: null, x: ["N", 3, "h", "w"], says: /\[-1, 1\] \(the file does not tell\)/ },
  "one size": { t: null, says: /resized to 6×6/ },
};

const content = new Map<string, Uint8Array>();
const networks = memoryNetworks(content);
const models = modelsOf(networks);
const step: Step = schedule({ noiseSchedule: "linear", timestepRespacing: "10", rescaleTimesteps: false }).at(5);
const scale = 1.5;
const pictures = (side: number): Tensor => ({
  dims: [3, 3, side, side],
  data: Float32Array.from({ length: 9 * side * side }, (_, i) => Math.sin(i * 0.7) * 0.9),
});

afterAll(() => networks.close());

async function load(name: string, border: Border): Promise<Classifier> {
  content.set(`${name}.onnx`, await bytesOf(border));
  return models.classifier({ file: `${name}.onnx`, sha256: "", flags: border.flags ?? "" });
}

async function gradientOf(classifier: Classifier, x: Tensor, values: readonly number[]): Promise<Tensor> {
  const condFn = await models.condFn(classifier, { values }, scale);
  return condFn.gradient(x, step);
}

type LogP = (logits: readonly number[], label: number) => number;
const logSoftmax: LogP = (z, label) => z[label] - Math.log(z.reduce((sum, value) => sum + Math.exp(value), 0));
const logSigmoid = (z: number): number => -Math.log1p(Math.exp(-z));

/** Of scale · Σ log p(yᵢ | xᵢ), at every seventh place. */
async function differences(
  classifier: Classifier,
  x: Tensor,
  values: readonly number[],
  logP: LogP = logSoftmax,
): Promise<{ readonly places: readonly number[]; readonly slopes: readonly number[] }> {
  const total = async (place: number, offset: number): Promise<number> => {
    const { data, dims } = await classifier.logits(
      { dims: x.dims, data: x.data.with(place, x.data[place] + offset) },
      step,
    );
    return values.reduce((sum, label, n) => sum + logP([...data.subarray(n * dims[1], (n + 1) * dims[1])], label), 0);
  };
  const slope = async (place: number, h: number): Promise<number> =>
    ((await total(place, h)) - (await total(place, -h))) / (2 * h);
  const places = Array.from({ length: Math.ceil(x.data.length / 29) }, (_, i) => i * 29);
  const slopes: number[] = [];
  for (const place of places) slopes.push((scale * (4 * (await slope(place, 0.1)) - (await slope(place, 0.2)))) / 3);
  return { places, slopes };
}

async function checkDifferences(
  classifier: Classifier,
  x: Tensor,
  values: readonly number[],
  logP?: LogP,
  tolerance = 2e-3,
) {
  const gradient = await gradientOf(classifier, x, values);
  expect(gradient.dims).toEqual(x.dims);
  const { places, slopes } = await differences(classifier, x, values, logP);
  expect(Math.hypot(...slopes)).toBeGreaterThan(1e-3);
  expect(
    relativeError(
      places.map((place) => gradient.data[place]),
      slopes,
    ),
  ).toBeLessThan(tolerance);
}

const labels = [2, 0, 1];

describe.each([
  ["a timestep", timed],
  ["no timestep", untimed],
])("a classifier with %s", (_, borders) => {
  const plain = load(borders === timed ? "plain" : "untimed", borders.plain);

  test.each(Object.entries(borders))("%s: is the plain one", async (name, border) => {
    const [one, other] = [await plain, await load(name, border)];
    const x = pictures(6);
    const { says, tolerance = 1e-4 } = border;
    if (says) expect(other.facts.fit).toMatch(says);
    else expect(other.facts.fit).toBeUndefined();
    expect(other.facts.classes).toBe(3);
    const probabilities = async (classifier: Classifier): Promise<number[]> => {
      const { data, dims } = await classifier.logits(x, step);
      expect(dims).toEqual([3, 3]);
      return [0, 1, 2].flatMap((n) => [0, 1, 2].map((k) => logSoftmax([...data.subarray(n * 3, n * 3 + 3)], k)));
    };
    expect(relativeError(await probabilities(other), await probabilities(one))).toBeLessThan(tolerance);
    const gradient = await gradientOf(other, x, labels);
    expect(relativeError(gradient.data, (await gradientOf(one, x, labels)).data)).toBeLessThan(tolerance);
    if (tolerance === 1e-4) await checkDifferences(other, x, labels);
  });
});

describe("pictures of another size", () => {
  test.each([5, 9, 13])("%i pixels are resized to the one that the file fixes", async (side) => {
    const classifier = await load("one size", untimed["one size"]);
    expect(classifier.facts.height).toBeUndefined();
    await checkDifferences(classifier, pictures(side), labels);
  });

  test("and to one that is chosen where the file takes any", async () => {
    const classifier = await load("resized", { ...untimed.plain, flags: "--resize 8" });
    expect(classifier.facts.fit).toMatch(/^resized to 8×8/);
    await checkDifferences(classifier, pictures(6), labels);
  });

  test("stay what they are for a classifier of noisy pictures, and where nothing is to be resized", async () => {
    expect((await load("noisy", timed.plain)).facts.width).toBe(6);
    expect((await load("as it is", { ...untimed["one size"], flags: "--resize none" })).facts.width).toBe(6);
  });
});

/** From logits N×3 to one number a picture. */
const first = (op: GraphBuilder, z: Value): Value => op.Slice(z, op.int64([0]), op.int64([1]), op.int64([1]));
const flat = (op: GraphBuilder, z: Value): Value => op.Squeeze(z, op.int64([1]));

const heads: Record<
  string,
  Border & { readonly classes: number; readonly logP: LogP; readonly labels: readonly number[] }
> = {
  "one logit": {
    out: ["N", 1],
    behind: first,
    classes: 2,
    logP: logSoftmax,
    labels: [1, 0, 1],
    says: /one logit: class 1 is yes/,
  },
  "one probability": {
    out: ["N", 1],
    behind: (op, z) => op.Sigmoid(first(op, z)),
    classes: 2,
    logP: logSoftmax,
    labels: [1, 0, 1],
    says: /Sigmoid taken off, one logit/,
  },
  "one probability of each, N": {
    out: ["N"],
    behind: (op, z) => op.Sigmoid(flat(op, first(op, z))),
    classes: 2,
    logP: logSoftmax,
    labels: [0],
    says: /Sigmoid taken off, answers N, one logit/,
  },
  "a score, N": {
    out: ["N"],
    behind: (op, z) => flat(op, first(op, z)),
    classes: 1,
    logP: ([z]) => z,
    labels: [0],
    says: /answers N, a score/,
  },
  "one logit, chosen as a score": {
    out: ["N", 1],
    behind: first,
    flags: "--head score",
    classes: 1,
    logP: ([z]) => z,
    labels: [0],
    says: /a score, whose own gradient guides/,
  },
  "classes each by itself": {
    behind: (op, z) => op.Sigmoid(z),
    classes: 3,
    logP: (z, label) => logSigmoid(z[label]),
    labels: [2, 0, 1],
    says: /Sigmoid taken off, each class by itself/,
  },
  "logits, chosen as one score a class": {
    flags: "--head score",
    classes: 3,
    logP: (z, label) => z[label],
    labels: [2, 0, 1],
    says: /a score/,
  },
};

describe("what a classifier answers", () => {
  test.each(Object.entries(heads))("%s: its gradient is that of log p", async (name, border) => {
    const classifier = await load(name, border);
    expect(classifier.facts.fit).toMatch(border.says!);
    expect(classifier.facts.classes).toBe(border.classes);
    const values = border.labels.length === 1 ? [0, 0, 0] : border.labels;
    await checkDifferences(classifier, pictures(6), values, border.logP);
  });

  test.each<[string, Border, RegExp]>([
    [
      "softmax of one logit",
      { out: ["N", 1], behind: first, flags: "--head softmax", says: undefined },
      /softmax is 1 whatever/,
    ],
    ["bernoulli of three", { flags: "--head bernoulli", says: undefined }, /answers with 3 logits/],
    [
      "ImageNet values of a head that is none",
      { flags: "--head sofmax", says: undefined },
      /--head is auto, softmax, .*not "sofmax"/,
    ],
    ["no size", { flags: "--resize big", says: undefined }, /--resize is auto, none or pixels, not "big"/],
    [
      "another size than the one it takes",
      { t: null, flags: "--resize 12", says: undefined },
      /takes pictures of 6×6 alone/,
    ],
    [
      "arithmetic on bytes",
      { xType: "uint8", front: (op, x) => op.Cast(op.Add(x, x), { to: "float32" }), says: undefined },
      /Add "Add\.\d+" computes with bytes/,
    ],
  ])("%s is refused in words", async (name, border, message) => {
    await expect(load(name, border)).rejects.toThrow(message);
  });

  test("a gradient that is zero by construction is told before anything runs", async () => {
    const rounded = await load("rounded", { behind: (op, z) => op.Round(z), says: undefined });
    expect(rounded.facts.stopped).toMatch(/it is 0 everywhere.*Round "Round\.\d+"/);
    const smooth = await load("smooth", timed.plain);
    expect(smooth.facts.stopped).toBeUndefined();
  });
});
