import { expect, test } from "vitest";
import { gradientModel, graphBuilder, type OnnxModel, writeModel } from "../../../onnx/index.ts";
import { withoutSequences } from "../../../onnx/standard/sequences.ts";
import { openSession } from "../../support/sessions.ts";

const x = { type: "float32" as const, dims: [2, 3], values: Float64Array.of(1, 2, 3, 4, 5, 6) };

/** What a graph of x, N×3, computes, as it is and without its sequences. */
async function both(build: (op: ReturnType<typeof graphBuilder>, x: string) => string): Promise<OnnxModel> {
  const op = graphBuilder();
  op.output("y", build(op, op.input("x", "float32", ["N", 3])), "float32");
  const model = op.model("sequences");
  const resolved = withoutSequences(model);
  expect(resolved.graph.nodes.filter(({ op }) => op.includes("Sequence"))).toEqual([]);
  const results = [];
  for (const variant of [model, resolved]) {
    const session = await openSession(await writeModel(variant), "cpu");
    const { y } = await session.run({ x });
    results.push({ dims: y.dims, values: [...y.values] });
  }
  expect(results[1]).toEqual(results[0]);
  return model;
}

test("a split of unknown length becomes a Split, its parts the values picked", async () => {
  await both((op, x) => {
    const parts = op.SplitToSequence(x, op.int64(2), { axis: 1 });
    return op.Mul(op.SequenceAt(parts, op.int64(0)), op.SequenceAt(parts, op.int64(-1)));
  });
});

test("an unbind and a stack become Split, Squeeze and Concat", async () => {
  await both((op, x) =>
    op.ConcatFromSequence(op.SplitToSequence(x, { axis: 1, keepdims: 0 }), { axis: 0, new_axis: 1 }),
  );
});

test("a split by 1 that keeps no axis is an unbind", async () => {
  await both((op, x) =>
    op.ConcatFromSequence(op.SplitToSequence(x, op.int64(1), { axis: 1, keepdims: 0 }), { axis: 0, new_axis: 1 }),
  );
});

test("a list that grows and shrinks is followed", async () => {
  await both((op, x) => {
    const list = op.SequenceInsert(op.SequenceConstruct(x, op.Neg(x)), op.Exp(x), op.int64(1));
    const shorter = op.SequenceErase(list, op.int64(0));
    const count = op.Cast(op.SequenceLength(shorter), { to: "float32" });
    return op.Mul(op.ConcatFromSequence(shorter, { axis: 1 }), count);
  });
});

test("a graph with sequences has a gradient", async () => {
  const model = await both((op, x) => {
    const parts = op.SplitToSequence(x, op.int64([1, 2]), { axis: 1 });
    return op.Mul(op.SequenceAt(parts, op.int64(0)), op.SequenceAt(parts, op.int64(1)));
  });
  const session = await openSession(await writeModel(gradientModel(model, { of: "y", wrt: "x" })), "cpu");
  const { d_x } = await session.run({
    x,
    d_y: { type: "float32", dims: [2, 2], values: Float64Array.of(1, 1, 1, 10) },
  });
  expect([...d_x.values]).toEqual([5, 1, 1, 65, 4, 40]);
});
