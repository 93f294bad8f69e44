import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import { type Attributes, graphBuilder, type OnnxModel, readModel, writeModel } from "../../onnx/index.ts";

test("writeModel writes a graph that runs, and reads back the same", async () => {
  const op = graphBuilder();
  const x = op.input("x", "float32", ["N", 3]);
  op.output("y", op.Softmax(op.Add(op.Mul(x, 2), op.float([1, 2, 3])), { axis: -1 }), "float32", ["N", 3]);
  const bytes = await writeModel(op.model("tiny"));
  expect(await writeModel(readModel(bytes))).toEqual(bytes);
  const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1 });
  const { y } = await session.run({ x: new Tensor("float32", new Float32Array(6), [2, 3]) });
  expect([...(y.data as Float32Array)].reduce((a, b) => a + b)).toBeCloseTo(2, 6);
});

async function roundTrip(attributes: Attributes): Promise<Attributes> {
  const op = graphBuilder();
  op.node("Custom", [op.input("x", "float32", [1])], attributes, 1, "test");
  return readModel(await writeModel(op.model("attributes"))).graph.nodes[0].attributes;
}

test.each<[string, Attributes]>([
  ["integers", { axis: -1, axes: [0, 2], none: [] }],
  ["floats, whole ones too", { alpha: 1, epsilon: 1e-5 }],
  ["texts", { mode: "linear", names: ["a", "b"] }],
  ["tensors", { value: { type: "int64", dims: [1], data: new Uint8Array(8) } }],
])("writeModel keeps attributes: %s", async (_, attributes) => {
  const read = await roundTrip(attributes);
  for (const [name, value] of Object.entries(attributes))
    if (typeof value === "number") expect(read[name]).toBeCloseTo(value, 9);
    else expect(read[name]).toEqual(value);
});

test("writeModel writes 'to the end', which a double rounds up to 2⁶³, as the largest int64", async () => {
  expect((await roundTrip({ end: 2 ** 63 })).end).toBe(2 ** 63);
});

/** One weight of 8 KiB beside a scalar. */
function weighted(): OnnxModel {
  const op = graphBuilder();
  const data = new Uint8Array(Float32Array.from({ length: 2048 }, (_, i) => i).buffer);
  const weight = op.weight("weight", { type: "float32", dims: [2048], data });
  op.output("y", op.Add(op.Mul(op.input("x", "float32", [1]), weight), 1), "float32", [2048]);
  return op.model("weighted");
}

test("writeModel puts large weights page-aligned into a file beside the model, one at a time", async () => {
  const pieces: Uint8Array[] = [];
  const external = { location: "weights.bin", write: async (bytes: Uint8Array) => void pieces.push(bytes) };
  const bytes = await writeModel(weighted(), { external, inlineLimitBytes: 1000 });
  expect(bytes.length).toBeLessThan(1000);
  expect(pieces.map(({ length }) => length)).toEqual([8192]);
  expect(() => readModel(bytes)).toThrow("its data lies in another file (weights.bin)");
  const read = readModel(bytes, { external: (_, offset, length) => pieces[0].subarray(offset, offset + length!) });
  expect(read.graph.initializers.get("weight")?.data).toEqual(pieces[0]);
});

test("writeModel keeps small models in one file", async () => {
  const write = () => Promise.reject(new Error("nothing is to be written"));
  const bytes = await writeModel(weighted(), { external: { location: "weights.bin", write } });
  expect(readModel(bytes).graph.initializers.get("weight")?.data.byteLength).toBe(8192);
});
