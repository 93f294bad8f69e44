/**
 * Layers of torch.nn as torch.onnx.export writes them (test/fixtures/torch-nn, made by export.py there): the gradient
 * graph of each against PyTorch's autograd, at a batch size other than the exported one where the batch is dynamic.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  gradientModel,
  isGraph,
  noGradient,
  type OnnxGraph,
  type OnnxModel,
  readModel,
  rules,
  writeModel,
} from "../../../onnx/index.ts";
import { centralDifferences, relativeError } from "../../support/check-gradient.ts";
import { type Feeds, openSession } from "../../support/sessions.ts";

interface Packed {
  readonly dims: readonly number[];
  /** float32, base64 */
  readonly data: string;
}

/** What PyTorch computed of a layer. */
interface Expected {
  readonly layer: string;
  readonly x: { readonly dims: readonly number[]; readonly scale?: number; readonly positive?: boolean };
  readonly y: Packed;
  readonly dx: Packed;
}

const folder = new URL("../../fixtures/torch-nn/", import.meta.url);
const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, folder), "utf8"));
/** Operators of each exported file, by layer. */
const operators = read("operators.json") as Record<string, Record<string, readonly string[]>>;
const values = read("values.json") as Record<string, Expected>;

/** Files whose output is not the layer's, as the exporter has it: their gradient is checked by differences. */
const unlikePyTorch: Readonly<Record<string, string>> = {
  "pad-circular": "the borders are swapped",
  "conv1d-7": "circular padding, as above",
  "conv2d-7": "circular padding, as above",
  "conv3d-7": "circular padding, as above",
  ".10": "Resize of opset 10 and Upsample know one placement of pixels",
  ".9": "as above",
  "median-of-sort-1.9": "TopK of opset 9 finds the largest only",
};

for (const [layer, files] of Object.entries(operators))
  describe(layer, () => {
    for (const file of Object.keys(files))
      test(`the gradient of ${layer} agrees with PyTorch (${file})`, () => checkFile(file));
  });

test("the table of operators is that of the files", () => {
  for (const files of Object.values(operators))
    for (const [file, listed] of Object.entries(files)) {
      const { graph } = readModel(readFileSync(new URL(file, folder)));
      expect([...new Set(operatorsOf(graph))].sort(), file).toEqual(listed);
    }
});

/** Operators of a graph and of those inside its nodes. */
const operatorsOf = ({ nodes }: OnnxGraph): string[] =>
  nodes.flatMap(({ op, attributes }) => [op, ...Object.values(attributes).filter(isGraph).flatMap(operatorsOf)]);

test("every operator that the exporter writes has a gradient rule or is named as having none", () => {
  const written = new Set(Object.values(operators).flatMap((files) => Object.values(files).flat()));
  const unknown = [...written].filter((op) => !(op in rules) && !noGradient.has(op) && !replaced.has(op));
  expect(unknown.filter((op) => !op.includes("Sequence"))).toEqual([]);
});

/** Operators that others replace before a rule is asked for, as they do sequences; the Loop only makes indices. */
const replaced: ReadonlySet<string> = new Set(["If", "Loop", "Scatter", "Upsample"]);

async function checkFile(file: string): Promise<void> {
  const model = readModel(readFileSync(new URL(file, folder)));
  const expected = values[file.split(".")[0]];
  const x = { type: "float32" as const, dims: expected.x.dims, values: inputOf(expected) };
  const forward = await openSession(await writeModel(model), "cpu");
  const { y } = await forward.run({ x });
  const d_y = { type: y.type, dims: y.dims, values: drawn(y.dims, 1) };
  const faithful = relativeError(y.values, unpacked(expected.y)) < 1e-4;
  const known = Object.keys(unlikePyTorch).some((name) => file.includes(name));
  expect(faithful || known, "the exported graph computes what PyTorch does").toBe(true);
  const truth = faithful ? unpacked(expected.dx) : await centralDifferences(forward.run, { x }, "x", d_y.values, 0.01);
  await forward.release();

  const { dims, values: dx } = await gradientOf(model, { x, d_y });
  expect(dims).toEqual(x.dims);
  expect(relativeError(dx, truth)).toBeLessThan(faithful ? 1e-4 : 2e-3);
}

async function gradientOf(model: OnnxModel, feeds: Feeds) {
  const session = await openSession(await writeModel(gradientModel(model, { of: "y", wrt: "x" })), "cpu");
  const { d_x } = await session.run(feeds);
  await session.release();
  return d_x;
}

function inputOf({ x: { dims, scale = 1, positive } }: Expected): Float64Array {
  const x = drawn(dims, 0).map((value) => Math.fround(value * scale));
  return positive ? x.map((value) => Math.fround(Math.abs(value) + Math.fround(0.1))) : x;
}

/** The numbers in [−2, 2) that export.py draws: MurmurHash3's finaliser of their place. */
function drawn(dims: readonly number[], stream: number): Float64Array {
  return Float64Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, place) => {
    let h = place + (stream << 16) + 1;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    h ^= h >>> 16;
    return (h >>> 8) / 2 ** 22 - 2;
  });
}

const unpacked = ({ data }: Packed): Float32Array =>
  new Float32Array(Uint8Array.from(Buffer.from(data, "base64")).buffer);
