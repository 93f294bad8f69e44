import { expect, test } from "vitest";
import { gradientModel, graphBuilder, lower, type OnnxModel } from "../../onnx/index.ts";
import { StandardModel } from "../../onnx/standard/standard.ts";

function old(): OnnxModel {
  const op = graphBuilder();
  const x = op.input("x", "float32", ["N", 4]);
  const rows = op.node("ReduceSum", [op.Tanh(x)], { axes: [1], keepdims: 1 }, 1)[0];
  op.output("y", op.Mul(x, rows), "float32");
  return op.model("old", 11);
}

test("a model that is standard stays as it is, a copy with another graph is made so again", () => {
  const standard = StandardModel.of(old());
  expect(StandardModel.of(standard)).toBe(standard);
  expect(standard.opsets.get("")).toBe(18);
  const copy = { ...standard, graph: old().graph };
  // @ts-expect-error nobody has made it standard
  const wrong: StandardModel = copy;
  expect(StandardModel.of(wrong)).not.toBe(wrong);
});

test("a gradient is standard, so that it is not folded once more before it is lowered", () => {
  expect(gradientModel(old(), { of: "y", wrt: "x" })).toBeInstanceOf(StandardModel);
});

test("what is lowered for onnxruntime's own operators comes back for others", () => {
  const op = graphBuilder();
  const x = op.input("x", "float32", ["N", 3, 4]);
  op.output("y", op.MatMul(op.Transpose(x, { perm: [0, 2, 1] }), x), "float32");
  const forCpu = lower(op.model("product"), "cpu");
  expect(forCpu.graph.nodes.map(({ op }) => op)).toEqual(["FusedMatMul", "Identity"]);
  expect(lower(forCpu, "portable").graph.nodes.map(({ op }) => op)).toEqual(["Transpose", "MatMul", "Identity"]);
});
