import { describe, expect, test } from "vitest";
import {
  courseOf,
  type GraphBuilder,
  graphBuilder,
  peakAt,
  peakOf,
  type Value,
  withGradient,
} from "../../onnx/index.ts";

/** Of N×4 floats, N being 8. */
const one = 8 * 4 * 4;

function model(build: (op: GraphBuilder, x: Value) => Value) {
  const op = graphBuilder();
  const y = build(op, op.input("x", "float32", ["N", 4]));
  op.output("y", y, "float32", ["N", 4]);
  return op.model("small");
}

const cases: readonly [string, (op: GraphBuilder, x: Value) => Value, number][] = [
  ["what is given, and what is made of it", (op, x) => op.Tanh(x), 2],
  ["two places for a chain, since each value is read once", (op, x) => op.Tanh(op.Tanh(op.Tanh(x))), 3],
  ["what waits for its last reader", (op, x) => ((y) => op.Add(op.Tanh(op.Tanh(op.Tanh(y))), y))(op.Tanh(x)), 4],
  ["one place for a value in other dimensions", (op, x) => op.Tanh(op.Reshape(op.Tanh(x), op.int64([-1, 4]))), 3],
];

describe("peakOf", () => {
  test.each(cases)("counts %s", (_, build, places) => {
    expect(peakOf(model(build), { N: 8 }).values).toBe(places * one);
    expect(peakOf(model(build), { N: 16 }).values).toBe(2 * places * one);
    const course = courseOf(model(build));
    for (const N of [1, 8, 16]) expect(peakAt(course, { N })).toEqual(peakOf(model(build), { N }));
  });

  test("counts what the way forward leaves for the way back, and weights once", () => {
    const layers = 5;
    const weights = (op: GraphBuilder) => op.float(new Array<number>(16).fill(0.1), [4, 4]);
    const deep = model((op, x) => {
      const w = weights(op);
      return Array.from({ length: layers }).reduce<Value>((y) => op.Tanh(op.MatMul(y, w)), x);
    });
    const forward = peakOf(deep, { N: 8 });
    const both = peakOf(withGradient(deep, { of: "y", wrt: "x", output: "gradient" }), { N: 8 });
    expect(forward).toEqual({ values: 3 * one, weights: 16 * 4 });
    // Each Tanh waits for its derivative.
    expect(both.values).toBeGreaterThanOrEqual((layers + 1) * one);
    expect(both.weights).toBeGreaterThanOrEqual(16 * 4);
  });

  test("of a course is the fullest moment, which is another at another size", () => {
    const forked = model((op, x) => {
      const wide = op.Tanh(op.float(new Array<number>(400).fill(0), [100, 4]));
      const far = op.Gather(wide, op.int64([0]), { axis: 0 });
      return op.Add(op.Tanh(op.Tanh(x)), far);
    });
    const course = courseOf(forked);
    expect(course).toMatchObject({ isWhole: true, moments: { length: 2 } });
    for (const N of [1, 2, 50, 99, 100, 101, 500]) expect(peakAt(course, { N })).toEqual(peakOf(forked, { N }));
  });

  test("of a course is not told where a size does not follow from the names", () => {
    const halved = model((op, x) => op.Reshape(op.Tanh(x), op.int64([-1, 8])));
    expect(peakOf(halved, { N: 8 }).values).toBe(2 * one);
    const course = courseOf(halved);
    expect(peakAt(course, { N: 8 })).toEqual(peakOf(halved, { N: 8 }));
    expect(peakAt(course, {})).toBeUndefined();
    const found = model((op, x) => op.Cast(op.Transpose(op.NonZero(x), { perm: [1, 0] }), { to: "float32" }));
    expect(peakAt(courseOf(found), { N: 8 })).toBeUndefined();
    expect(peakOf(found, { N: 8 }).values).toBe(one);
  });

  test("counts what it cannot tell as nothing", () => {
    expect(
      peakOf(
        model((op, x) => op.Tanh(x)),
        {},
      ).values,
    ).toBe(0);
  });
});
