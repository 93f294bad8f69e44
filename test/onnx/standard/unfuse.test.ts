import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import { graphBuilder, type OnnxModel, writeModel } from "../../../onnx/index.ts";
import { unfuse } from "../../../onnx/standard/unfuse.ts";

const a = Float32Array.from({ length: 12 }, (_, i) => Math.sin(i));
const b = Float32Array.from({ length: 12 }, (_, i) => Math.cos(i));

async function run(model: OnnxModel): Promise<Float32Array> {
  const session = await InferenceSession.create(await writeModel(model));
  const feeds = { a: new Tensor("float32", a, [2, 3, 2]), b: new Tensor("float32", b, [2, 2, 3]) };
  return (await session.run(feeds)).y.data as Float32Array;
}

test.each([
  [0, 0, 1],
  [1, 1, 1],
  [0, 0, 0.5],
  [1, 1, -2],
])(
  "FusedMatMul with transA %i, transB %i and alpha %d computes the same in standard operators",
  async (transA, transB, alpha) => {
    const op = graphBuilder();
    const inputs = [op.input("a", "float32", ["N", 3, 2]), op.input("b", "float32", ["N", 2, 3])];
    const [y] = op.node("FusedMatMul", inputs, { transA, transB, alpha }, 1, "com.microsoft");
    op.output("y", y, "float32", ["N", "r", "c"]);
    const model = op.model("fused");
    const standard = unfuse(model);
    expect(standard.graph.nodes.map(({ op }) => op)).not.toContain("FusedMatMul");
    const [expected, actual] = [await run(model), await run(standard)];
    expect(actual.length).toBe(expected.length);
    actual.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 5);
    });
  },
);
