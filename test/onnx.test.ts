import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import { graphBuilder, readModel, writeModel } from "../onnx/index.ts";

test("a built graph runs and survives a round trip", async () => {
  const op = graphBuilder();
  const x = op.input("x", "float32", ["N", 3]);
  op.output("y", op.Softmax(op.Add(op.Mul(x, 2), op.float([1, 2, 3])), { axis: -1 }), "float32", ["N", 3]);
  const bytes = await writeModel(await readModel(await writeModel(op.model("tiny"))));
  const session = await InferenceSession.create(bytes);
  const { y } = await session.run({ x: new Tensor("float32", new Float32Array(6), [2, 3]) });
  expect([...(y.data as Float32Array)].reduce((a, b) => a + b)).toBeCloseTo(2, 6);
});
