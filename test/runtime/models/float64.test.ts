/** Networks of doubles as PyTorch exports them (test/fixtures/torch-float64/export.py), against what it computes in float64. */
import { readFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { schedule, type Tensor } from "../../../diffusion/index.ts";
import { inFloat32, type OnnxModel, type OnnxTensor, readModel, writeModel } from "../../../onnx/index.ts";
import { modelsOf } from "../../../runtime/index.ts";
import { relativeError } from "../../support/check-gradient.ts";
import { memoryNetworks } from "../../support/memory-networks.ts";

const folder = new URL("../../fixtures/torch-float64/", import.meta.url);
const { x: pixels, networks: expected } = JSON.parse(readFileSync(new URL("values.json", folder), "utf8"));
const content = new Map<string, Uint8Array>();
const networks = memoryNetworks(content);
const models = modelsOf(networks);
afterAll(() => networks.close());

const step = schedule({ noiseSchedule: "linear", timestepRespacing: "10", rescaleTimesteps: false }).at(5);
const x: Tensor = { dims: [2, 3, 8, 8], data: Float32Array.from(pixels) };

/** The upper half of each float32: bfloat16, rounded towards zero. */
function inBfloat16(model: OnnxModel): OnnxModel {
  const cut = ({ type, data, ...rest }: OnnxTensor): OnnxTensor => {
    const bytes = (data as Uint8Array).slice();
    if (type !== "float32") return { ...rest, type, data };
    const halves = new Uint16Array(bytes.buffer).filter((_, i) => i % 2 === 1);
    return { ...rest, type: "bfloat16", data: new Uint8Array(halves.buffer) };
  };
  const { graph } = model;
  const info = <T extends { readonly type: string }>(value: T) => ({ ...value, type: "bfloat16" as const });
  return {
    ...model,
    graph: {
      ...graph,
      inputs: graph.inputs.map(info),
      outputs: graph.outputs.map(info),
      initializers: new Map([...graph.initializers].map(([name, tensor]) => [name, cut(tensor)])),
    },
  };
}

describe.each(Object.keys(expected))("%s", (name) => {
  const bytes = readFileSync(new URL(`${name}.onnx`, folder));
  const { logits, gradient } = expected[name];

  test("as a classifier gives PyTorch's logits and their gradient", async () => {
    content.set(`${name}.onnx`, bytes);
    const classifier = await models.classifier({ file: `${name}.onnx`, sha256: "", flags: "" });
    expect(classifier.facts.fit).toContain("float64 in float32");
    expect(relativeError((await classifier.logits(x, step)).data, logits)).toBeLessThan(1e-6);
    // Which branch is taken has no gradient.
    if (name === "branches") return;
    const condFn = await models.condFn(classifier, { values: [1, 1] }, 1);
    expect(relativeError((await condFn.gradient(x, step)).data, gradient)).toBeLessThan(1e-5);
  });

  test("as any network gives the same, as float32", async () => {
    content.set(`${name}.onnx`, bytes);
    const network = await models.network({ file: `${name}.onnx`, sha256: "", flags: "" });
    expect(relativeError((await network.apply(x, "")).data, logits)).toBeLessThan(1e-6);
  });
});

test("a network in bfloat16 is run in float32", async () => {
  const { model } = inFloat32(readModel(readFileSync(new URL("convolutions.onnx", folder))));
  content.set("bfloat.onnx", await writeModel(inBfloat16(model)));
  const network = await models.network({ file: "bfloat.onnx", sha256: "", flags: "" });
  expect(network.facts.fit).toContain("bfloat16 in float32");
  expect(relativeError((await network.apply(x, "")).data, expected.convolutions.logits)).toBeLessThan(2 ** -6);
});

test("doubles that float32 has no room for stay finite, and other than 0; infinity is what it was", async () => {
  const doubles = Float64Array.of(-1.7976931348623157e308, 1e39, 1e-300, -1e-310, 0, Number.NEGATIVE_INFINITY, 0.1);
  const data = { byteLength: doubles.byteLength, read: async () => new Uint8Array(doubles.buffer) };
  const initializers = new Map([["w", { type: "float64" as const, dims: [7], data }]]);
  const graph = { name: "g", nodes: [], inputs: [], outputs: [], initializers };
  const { model, instead } = inFloat32({ graph, opsets: new Map([["", 18]]), metadata: new Map() });
  const tensor = model.graph.initializers.get("w")!;
  const read = tensor.data as typeof data;
  expect([instead, tensor.type, read.byteLength]).toEqual([["float64"], "float32", 28]);
  const most = 3.4028234663852886e38;
  const floats = [...new Float32Array((await read.read()).buffer)];
  expect(floats).toEqual([-most, most, 2 ** -126, -(2 ** -126), 0, Number.NEGATIVE_INFINITY, Math.fround(0.1)]);
});
