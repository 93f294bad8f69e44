import { expect, test } from "vitest";
import { conflictIn, type Dim, type GraphBuilder, graphBuilder, type Value } from "../../../onnx/index.ts";

type Build = (op: GraphBuilder, a: Value, b: Value) => Value;
const conflictOf = (build: Build, a: readonly Dim[], b: readonly Dim[]) => {
  const op = graphBuilder();
  op.output("y", build(op, op.input("a", "float32", a), op.input("b", "float32", b)), "float32");
  return conflictIn(op.graph("any"));
};

test.each<[string, Build, readonly Dim[], readonly Dim[], readonly Dim[]]>([
  ["Add", (op, a, b) => op.Add(a, b), ["N", 3, 4], ["N", 3, 5], [1, 4]],
  ["Less", (op, a, b) => op.Cast(op.Less(a, b), { to: "float32" }), [3, 4], [2, 4], [4]],
  ["Where", (op, a, b) => op.Where(op.Less(a, 0), a, b), [3, 4], [3, 5], ["M", 4]],
  ["Conv", (op, a, b) => op.Conv(a, b), ["N", 4, 8, 8], [6, 2, 3, 3], [6, 4, 3, 3]],
  ["a Conv of groups", (op, a, b) => op.Conv(a, b, { group: 2 }), ["N", 4, 8, 8], [6, 4, 3, 3], [6, 2, 3, 3]],
  ["MatMul", (op, a, b) => op.MatMul(a, b), ["N", 2, 4], [5, 3], [4, 3]],
  ["Gemm", (op, a, b) => op.Gemm(a, b, { transB: 1 }), ["N", 4], [4, 3], [3, 4]],
  ["Concat", (op, a, b) => op.Concat(a, b, { axis: -1 }), ["N", 3, 4], ["N", 2, 4], ["N", 3, 9]],
])("%s of sizes that cannot meet is found, of others not", (_, build, a, odd, fitting) => {
  expect(conflictOf(build, a, odd)).toMatchObject({ node: expect.any(String), dims: expect.arrayContaining([odd]) });
  expect(conflictOf(build, a, fitting)).toBeUndefined();
});
