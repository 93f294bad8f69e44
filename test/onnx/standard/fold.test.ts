import { describe, expect, test } from "vitest";
import { graphBuilder, writeModel } from "../../../onnx/index.ts";
import { fold } from "../../../onnx/standard/fold.ts";
import { openSession } from "../../support/sessions.ts";

const operators = (model: ReturnType<typeof fold>): string[] => model.graph.nodes.map(({ op }) => op);

describe("fold", () => {
  test("makes the target of a view constant, the batch left open, for any batch size", async () => {
    const op = graphBuilder();
    const x = op.input("x", "float32", ["N", 6, 2]);
    const n = op.Unsqueeze(op.Gather(op.Shape(x), op.int64(0)), op.int64([0]));
    const view = op.Reshape(x, op.Concat(op.Mul(n, op.int64([2])), op.int64([3, 2]), { axis: 0 }));
    op.output("y", op.Tanh(view), "float32");
    const folded = fold(op.model("view"));
    expect(operators(folded)).toEqual(["Reshape", "Tanh", "Identity"]);
    const session = await openSession(await writeModel(folded), "cpu");
    for (const batch of [1, 3]) {
      const values = new Float64Array(12 * batch);
      const { y } = await session.run({ x: { type: "float32", dims: [batch, 6, 2], values } });
      expect(y.dims).toEqual([2 * batch, 3, 2]);
    }
  });

  test("leaves a view with two open dimensions to the runtime", () => {
    const op = graphBuilder();
    const x = op.input("x", "float32", ["N", "T", 4]);
    const shape = op.Shape(x);
    const part = (i: number) => op.Slice(shape, op.int64([i]), op.int64([i + 1]));
    op.output("y", op.Reshape(x, op.Concat(part(0), part(1), op.int64([2, 2]), { axis: 0 })), "float32");
    expect(operators(fold(op.model("open")))).toContain("Shape");
  });

  test("cuts what is known of a shape, so that pads computed from it are constant", () => {
    const op = graphBuilder();
    const x = op.input("x", "float32", [1, 3, 5]);
    const [first, second] = op.add("Split", [op.Shape(x), op.int64([1, 2])], { axis: 0 }, 2);
    const pads = op.Concat(first, op.Sub(second, op.int64([3, 4])), first, op.int64([0, 0]), { axis: 0 });
    op.output("y", op.Tanh(op.Pad(x, pads)), "float32");
    expect(operators(fold(op.model("computed")))).toEqual(["Pad", "Tanh", "Identity"]);
  });

  test("drops Identity, Dropout, dead nodes and unused weights", () => {
    const op = graphBuilder();
    const x = op.input("x", "float32", [2]);
    op.weight("unused", { type: "float32", dims: [1], data: new Uint8Array(4) });
    op.Exp(x);
    op.output("y", op.Tanh(op.Dropout(op.Identity(x))), "float32");
    const folded = fold(op.model("idle"));
    expect(operators(folded)).toEqual(["Tanh", "Identity"]);
    expect(folded.graph.initializers.size).toBe(0);
  });

  test("stores equal constants once", () => {
    const op = graphBuilder();
    const x = op.input("x", "float32", [2]);
    const [a, b] = ["a", "b"].map((name) =>
      op.weight(name, { type: "float32", dims: [2], data: new Uint8Array(Float32Array.of(1, 2).buffer) }),
    );
    op.output("y", op.Mul(op.Add(x, a), b), "float32");
    expect(fold(op.model("twins")).graph.initializers.size).toBe(1);
  });
});
