/** Values that are rounded to whole numbers and back let the gradient straight through, where they fit. */
import { expect, test } from "vitest";
import { gradientModel, graphBuilder, writeModel } from "../../../onnx/index.ts";
import { bytesOf } from "../../support/check-gradient.ts";
import { openSession } from "../../support/sessions.ts";

const row = (...values: number[]) =>
  ({ type: "float32", dims: [1, values.length], values: Float64Array.from(values) }) as const;

test.each([
  ["int8", 0, [0.31, -0.77, 20, -20], [1, 1, 0, 0]],
  ["uint8", 10, [0.31, -0.77, 20, -2], [1, 1, 1, 0]],
] as const)("as %s, moved on the way, by one scale", async (type, at, values, slopes) => {
  const op = graphBuilder();
  const [x, scale] = [op.input("x", "float32", [1, 4]), op.float(0.1)];
  const zero = op.weight("zero", { type, dims: [], data: bytesOf({ type: "uint8", values: Float64Array.of(at) }) });
  const moved = op.Transpose(op.Reshape(op.QuantizeLinear(x, scale, zero), op.int64([4])));
  op.output("y", op.Mul(op.DequantizeLinear(op.Reshape(moved, op.int64([1, 4])), scale, zero), 3), "float32", [1, 4]);
  const gradient = gradientModel(op.model("quantised"), { of: "y", wrt: "x" });
  const session = await openSession(await writeModel(gradient), "cpu");
  const { d_x } = await session.run({ x: row(...values), d_y: row(1, 1, 1, 1) });
  expect([...d_x.values].map((value) => Math.round(value))).toEqual(slopes.map((slope) => 3 * slope));
});

test("by a scale for each channel, and by the scale itself", async () => {
  const op = graphBuilder();
  const [x, scale] = [op.input("x", "float32", [1, 3]), op.input("s", "float32", [3])];
  const zero = op.weight("zero", { type: "int8", dims: [3], data: new Uint8Array(3) });
  op.output("y", op.DequantizeLinear(op.QuantizeLinear(x, scale, zero), scale, zero), "float32", [1, 3]);
  const feeds = { x: row(0.24, -0.51, 90), s: { ...row(0.1, 0.2, 0.5), dims: [3] }, d_y: row(1, 2, 1) };
  const run = async (wrt: string) => {
    const gradient = gradientModel(op.model("by channels"), { of: "y", wrt });
    return [...(await (await openSession(await writeModel(gradient), "cpu")).run(feeds))[`d_${wrt}`].values];
  };
  (await run("x")).forEach((value, i) => {
    expect(value).toBeCloseTo([1, 2, 0][i], 5);
  });
  // ȳ·(q − x/s), and the largest whole number where x was cut
  (await run("s")).forEach((value, i) => {
    expect(value).toBeCloseTo([2 - 2.4, 2 * (-3 + 2.55), 127][i], 4);
  });
});
