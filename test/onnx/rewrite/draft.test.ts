import { expect, test } from "vitest";
import { graphBuilder } from "../../../onnx/index.ts";
import { Draft } from "../../../onnx/rewrite/draft.ts";

const forward = () => {
  const op = graphBuilder();
  op.output("y", op.Neg(op.input("x", "float16", ["N", 3])), "float16");
  return op.graph("forward");
};

test("a draft begins with the inputs of its graph and none of its nodes, and knows what is built at once", () => {
  const draft = new Draft(forward(), "new");
  expect(draft.nodes).toEqual([]);
  const y = draft.op.Transpose("x", { perm: [1, 0] });
  expect([draft.shape(y), draft.type(y), draft.knows(y)]).toEqual([[3, "N"], "float16", true]);
  expect(draft.numbers(draft.op.Add(draft.op.int64([1, 2]), draft.op.int64([3, 4])))).toEqual([4, 6]);
});

test("a number takes the type of the floats that it meets, a constant of the graph keeps its own", () => {
  const draft = new Draft(forward(), "new");
  const half = draft.op.Mul("x", 0.5);
  const other = draft.op.weight("w", { type: "float32", dims: [3], data: new Uint8Array(12) });
  const { nodes, initializers } = draft.graph();
  expect(draft.type(half)).toBe("float16");
  const { type, data } = initializers.get(nodes[0].inputs[1])!;
  expect([type, ...(data as Uint8Array)]).toEqual(["float16", 0x00, 0x38]);
  expect(initializers.get(other)!.type).toBe("float32");
});

test("names of a draft are apart from those of its graph, also of a graph that was a draft", () => {
  const first = new Draft(forward(), "new");
  for (const node of forward().nodes) first.push(node);
  expect(first.op.Exp("x")).toBe("new/Exp.0");
  expect(new Draft(first.graph(), "new").op.Exp("x")).toBe("new2/Exp.0");
});
