import { expect, test } from "vitest";
import { graphBuilder, type OnnxGraph, type OnnxModel, writeModel } from "../../../onnx/index.ts";
import { inlineBranches } from "../../../onnx/standard/branches.ts";
import { openSession } from "../../support/sessions.ts";

/** A branch that multiplies the outer value x by a constant of its own. */
function times(factor: number, x: string, name: string): OnnxGraph {
  const op = graphBuilder("branch/");
  op.output(name, op.Mul(x, factor), "float32", ["N"]);
  return op.graph(name);
}

/** y = rank of x is 1 ? 2x : 3x, and z = n > 0 ? 5x : 7x with n known only at run time. */
function model(): OnnxModel {
  const op = graphBuilder();
  const x = op.input("x", "float32", ["N"]);
  const n = op.input("n", "int64", []);
  const known = op.Equal(op.Size(op.Shape(x)), op.int64(1));
  const y = op.If(known, { then_branch: times(2, x, "a"), else_branch: times(3, x, "b") });
  const z = op.If(op.Greater(n, op.int64(0)), { then_branch: times(5, x, "c"), else_branch: times(7, x, "d") });
  op.output("y", y, "float32", ["N"]);
  op.output("z", z, "float32", ["N"]);
  return op.model("branches");
}

test("a branch whose condition is known takes the place of its If, others stay", async () => {
  const inlined = inlineBranches(model());
  expect(inlined.graph.nodes.filter(({ op }) => op === "If")).toHaveLength(1);
  const session = await openSession(await writeModel(inlined), "cpu");
  const { y, z } = await session.run({
    x: { type: "float32", dims: [2], values: Float64Array.of(1, 10) },
    n: { type: "int64", dims: [], values: Float64Array.of(-1) },
  });
  expect([...y.values]).toEqual([2, 20]);
  expect([...z.values]).toEqual([7, 70]);
});

test("a graph without If is returned as it is", () => {
  const op = graphBuilder();
  op.output("y", op.Neg(op.input("x", "float32", [1])), "float32", [1]);
  const plain = op.model("plain");
  expect(inlineBranches(plain)).toBe(plain);
});
