/** Loops whose number of steps is known have a gradient. */
import { expect, test } from "vitest";
import { type GraphBuilder, graphBuilder, type OnnxModel, type Value } from "../../../onnx/index.ts";
import { StandardModel } from "../../../onnx/standard/standard.ts";
import { checkGraph, lowerings } from "../../support/check-graph.ts";
import { generator } from "../../support/random.ts";

/** h ← tanh(w·h + x) + the number of the step, four times; all h are kept. */
function looped(count: (op: GraphBuilder) => Value, ends = false): OnnxModel {
  const op = graphBuilder();
  const x = op.input("x", "float32", [1, 3]);
  const body = graphBuilder("body/");
  const [step, condition] = [body.input("i", "int64", []), body.input("c", "bool", [])];
  const h = body.input("h", "float32", [1, 3]);
  const counted = body.Mul(body.Cast(step, { to: "float32" }), 0.1);
  const next = body.Add(body.Tanh(body.Add(body.Mul(h, 0.7), x)), counted);
  body.output("on", ends ? body.Less(step, body.int64(1)) : body.Identity(condition), "bool", []);
  body.output("next", next, "float32", [1, 3]);
  body.output("kept", body.Mul(next, 2), "float32", [1, 3]);
  const [last, kept] = op.add("Loop", [count(op), op.bool(true), x], { body: body.graph("body") }, 2);
  op.output("y", op.Add(op.ReduceSum(kept, op.int64([0]), { keepdims: 0 }), last), "float32", [1, 3]);
  return op.model("looped");
}

/** The same by a Scan over the rows of x, or backwards, or over its columns. */
function scanned(attributes: object, axis: number): OnnxModel {
  const op = graphBuilder();
  const x = op.input("x", "float32", [3, 3]);
  const body = graphBuilder("body/");
  const [h, row] = [body.input("h", "float32", [3]), body.input("row", "float32", [3])];
  const next = body.Tanh(body.Add(body.Mul(h, 0.7), row));
  body.output("next", next, "float32", [3]);
  body.output("kept", body.Mul(next, 2), "float32", [3]);
  const begin = op.float([0.1, 0.2, 0.3]);
  const [last, kept] = op.add("Scan", [begin, x], { body: body.graph("body"), num_scan_inputs: 1, ...attributes }, 2);
  op.output("y", op.Add(op.ReduceSum(op.Mul(kept, x), op.int64([axis]), { keepdims: 0 }), last), "float32", [3]);
  return op.model("scanned");
}

const cases: Record<string, readonly [OnnxModel, readonly number[]]> = {
  "a Loop": [looped((op) => op.int64(4)), [1, 3]],
  "a Scan": [scanned({}, 0), [3, 3]],
  "a Scan backwards": [scanned({ scan_input_directions: [1], scan_output_directions: [1] }, 0), [3, 3]],
  "a Scan over another axis": [scanned({ scan_input_axes: [1], scan_output_axes: [1] }, 1), [3, 3]],
};

test.each(Object.entries(cases))(
  "%s is written out, and its gradient agrees with central differences",
  async (title, [model, dims]) => {
    const { nodes } = StandardModel.withoutLoops(model).graph;
    expect(nodes.filter(({ op }) => op === "Loop" || op === "Scan")).toEqual([]);
    const random = generator(4);
    const count = dims.reduce((a, b) => a * b, 1);
    const x = { type: "float32", dims, values: Float64Array.from({ length: count }, () => random() * 2 - 1) } as const;
    await checkGraph({ title, model, feeds: { x }, wrt: "x", dims, random, gradients: lowerings(model, "x") });
  },
);

test.each([
  ["that may end earlier", looped((op) => op.int64(4), true)],
  ["of steps that are told at run time", looped((op) => op.input("n", "int64", []))],
  ["that is long", looped((op) => op.int64(1000))],
])("a Loop %s stays one", (_, model) => {
  expect(StandardModel.withoutLoops(model).graph.nodes.map(({ op }) => op)).toContain("Loop");
});
