import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  GradientError,
  type GraphBuilder,
  gradientModel,
  graphBuilder,
  lower,
  type OnnxModel,
  type Value,
  writeModel,
} from "../../../onnx/index.ts";
import { checkGraph } from "../../support/check-graph.ts";
import { generator } from "../../support/random.ts";
import { openSession } from "../../support/sessions.ts";

/** Operators from values of shape N×3×4 to one of that shape. */
const steps: Record<string, (op: GraphBuilder, a: Value, b: Value, c: Value, weight: Weight) => Value> = {
  add: (op, a, b) => op.Add(a, b),
  sub: (op, a, b) => op.Sub(a, b),
  mul: (op, a, b) => op.Mul(a, b),
  div: (op, a, b) => op.Div(a, op.Add(op.Mul(b, b), 1)),
  tanh: (op, a) => op.Tanh(a),
  silu: (op, a) => op.Mul(a, op.Sigmoid(a)),
  softmax: (op, a) => op.Softmax(a, { axis: 1 }),
  erf: (op, a) => op.Erf(a),
  weight: (op, a, _b, _c, weight) => op.Mul(a, weight(3, 1)),
  centre: (op, a, b) => op.Sub(a, op.ReduceMean(b, op.int64([2]), { keepdims: 1 })),
  mean: (op, a, b) => op.Mul(a, op.Unsqueeze(op.ReduceMean(b, op.int64([1]), { keepdims: 0 }), op.int64([1]))),
  total: (op, a, b) => op.Sub(a, op.Mul(op.ReduceSum(b, op.int64([0, 1, 2]), { keepdims: 0 }), 0.1)),
  norm: (op, a) => op.InstanceNormalization(a, op.float([1, 1, 1]), op.float([0, 0, 0]), { epsilon: 0.1 }),
  linear: (op, a, _b, _c, weight) => op.MatMul(a, weight(4, 4)),
  left: (op, a, _b, _c, weight) => op.MatMul(weight(3, 3), a),
  rows: (op, a, b, c) => op.MatMul(op.Softmax(op.MatMul(a, transposed(op, b)), { axis: -1 }), c),
  columns: (op, a, b, c) =>
    op.MatMul(a, transposed(op, op.Softmax(op.Mul(op.MatMul(transposed(op, b), c), 0.5), { axis: -1 }))),
  conv: (op, a, _b, _c, weight) => op.Conv(a, weight(3, 3, 3), { kernel_shape: [3], pads: [1, 1] }),
  flat: (op, a) => op.Reshape(op.Tanh(op.Reshape(a, op.int64([-1, 12]))), op.int64([-1, 3, 4])),
  turned: (op, a) => transposed(op, op.Softmax(transposed(op, a), { axis: -1 })),
  // One of two parts is used, the other is not, or both change places.
  part: (op, a) => op.Add(a, op.add("Split", [a, op.int64([1, 3])], { axis: 2 }, 2)[0]),
  swap: (op, a) => op.Concat(...op.add("Split", [a, op.int64([1, 3])], { axis: 2 }, 2).reverse(), { axis: 2 }),
  slice: (op, a, b) => op.Mul(a, op.Slice(b, op.int64([1]), op.int64([2]), op.int64([1]))),
  gather: (op, a) => op.Gather(a, op.int64([3, 0, 0, 1]), { axis: 2 }),
  expand: (op, a, b) =>
    op.Add(op.Expand(op.ReduceMean(a, op.int64([1]), { keepdims: 1 }), op.Shape(b)), op.Where(op.Greater(b, 9), a, b)),
};

type Weight = (...dims: number[]) => Value;
const transposed = (op: GraphBuilder, x: Value): Value => op.Transpose(x, { perm: [0, 2, 1] });

type Step = readonly [keyof typeof steps, number, number, number];

/** A graph of the steps; each takes values by their number, so that some are shared and some unused. */
function build(list: readonly Step[], batch: number | string): OnnxModel {
  const random = generator(3);
  const op = graphBuilder();
  const weight: Weight = (...dims) => {
    const count = dims.reduce((a, b) => a * b, 1);
    return op.float(
      Array.from({ length: count }, () => random() * 1.2 - 0.6),
      dims,
    );
  };
  const values = [op.input("x", "float32", [batch, 3, 4])];
  for (const [name, a, b, c] of list) {
    const pick = (index: number): Value => values[values.length - 1 - (index % Math.min(values.length, 4))];
    values.push(steps[name](op, pick(a), pick(b), pick(c), weight));
  }
  op.output("y", op.Add(op.Tanh(values.at(-1)!), values[0]), "float32");
  return op.model("random");
}

const stepList = fc.array(
  fc.tuple(fc.constantFrom(...Object.keys(steps)), fc.nat(3), fc.nat(3), fc.nat(3)) as fc.Arbitrary<Step>,
  { minLength: 2, maxLength: 9 },
);

describe("gradientModel", () => {
  test("agrees with central differences on random graphs of shared values, for any batch, lowered or not", async () => {
    await fc.assert(
      fc.asyncProperty(stepList, fc.constantFrom(1, 2, 3), async (list, batch) => {
        const dims = [batch, 3, 4];
        const random = generator(batch);
        const values = Float64Array.from({ length: 12 * batch }, () => Math.fround(random() * 2 - 1));
        const open = gradientModel(build(list, "N"), { of: "y", wrt: "x" });
        await checkGraph({
          title: JSON.stringify(list),
          model: build(list, batch),
          feeds: { x: { type: "float32", dims, values } },
          wrt: "x",
          dims,
          random,
          gradients: [
            { title: "any batch", on: ["cpu"], model: () => open },
            { title: "any batch, lowered", on: ["cpu"], model: () => lower(open, "cpu") },
            { title: "any batch, lowered for any", on: ["cpu"], model: () => lower(open, "portable") },
            {
              title: "this batch, lowered",
              on: ["cpu"],
              model: () => lower(gradientModel(build(list, batch), { of: "y", wrt: "x" }), "cpu"),
            },
          ],
          tolerance: 1e-3,
        });
      }),
      { numRuns: 40, seed: 2105 },
    );
  });

  const tiny = (build: (op: GraphBuilder, x: Value) => Value): OnnxModel => {
    const op = graphBuilder();
    op.output("y", build(op, op.input("x", "float32", ["N", 3])), "float32");
    return op.model("tiny");
  };

  const unheard = (op: GraphBuilder, x: Value): Value => op.node("Unheard", [x], {}, 1)[0];

  test("keeps the inputs with their types, adds the cotangent and has one output", () => {
    const op = graphBuilder();
    const [x, t] = [op.input("x", "float32", ["N", 2]), op.input("t", "int64", ["N"])];
    op.output("y", op.Mul(x, op.Unsqueeze(op.Cast(t, { to: "float32" }), op.int64([1]))), "float32");
    const { inputs, outputs } = gradientModel(op.model("timed"), { of: "y", wrt: "x" }).graph;
    expect(inputs).toEqual([
      { name: "x", type: "float32", dims: ["N", 2] },
      { name: "t", type: "int64", dims: ["N"] },
      { name: "d_y", type: "float32", dims: ["N", 2] },
    ]);
    expect(outputs).toEqual([{ name: "d_x", type: "float32", dims: ["N", 2] }]);
  });

  test("names the operator and the node that cannot be differentiated", () => {
    const model = tiny((op, x) => op.within("up.3", () => unheard(op, x)));
    const fail = () => gradientModel(model, { of: "y", wrt: "x" });
    expect(fail).toThrow('Cannot differentiate Unheard in node "up.3/Unheard.0": no gradient rule');
    expect(fail).toThrow(GradientError);
  });

  test("minds only nodes between the input and the output", () => {
    const op = graphBuilder();
    const [x, z] = [op.input("x", "float32", [2]), op.input("z", "float32", [2])];
    op.output("y", op.Mul(x, unheard(op, z)), "float32");
    op.output("other", unheard(op, x), "float32");
    const { nodes } = gradientModel(op.model("partly"), { of: "y", wrt: "x" }).graph;
    expect(nodes.filter((node) => node.op === "Unheard")).toHaveLength(1);
  });

  test("refuses ends that are not there, and an output that does not depend on the input", () => {
    const model = tiny((op, x) => op.Tanh(x));
    expect(() => gradientModel(model, { of: "y", wrt: "z" })).toThrow('respect to "z": the graph\'s inputs are x');
    expect(() => gradientModel(model, { of: "z", wrt: "x" })).toThrow('"z": the graph has no such value');
    const op = graphBuilder();
    op.input("x", "float32", [1]);
    op.output("y", op.Tanh(op.input("z", "float32", [1])), "float32");
    expect(() => gradientModel(op.model("apart"), { of: "y", wrt: "x" })).toThrow("it does not depend on it");
  });

  test("gives zeros where only integers and comparisons lead from the input to the output", async () => {
    const model = tiny((op, x) => op.Cast(op.Greater(x, 0), { to: "float32" }));
    const session = await openSession(await writeModel(gradientModel(model, { of: "y", wrt: "x" })), "cpu");
    const ones = { type: "float32", dims: [2, 3], values: new Float64Array(6).fill(1) } as const;
    expect([...(await session.run({ x: ones, d_y: ones })).d_x.values]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test("drops forward nodes and weights that the gradient does not need", () => {
    const op = graphBuilder();
    const x = op.input("x", "float32", [1, 3]);
    const w = op.weight("w", {
      type: "float32",
      dims: [3, 3],
      data: { byteLength: 36, read: async () => new Uint8Array(36) },
    });
    const b = op.weight("b", { type: "float32", dims: [3], data: new Uint8Array(12) });
    op.output("y", op.Add(op.MatMul(x, w), b), "float32");
    const { graph } = gradientModel(op.model("linear"), { of: "y", wrt: "x" });
    expect([...graph.initializers.keys()]).toEqual(["w"]);
    expect(graph.nodes.map((node) => node.op)).toEqual(["Transpose", "MatMul", "Identity"]);
  });

  test("differentiates its own graphs: the second derivative of a cube", async () => {
    const cube = tiny((op, x) => op.Mul(x, op.Mul(x, x)));
    const slope = gradientModel(cube, { of: "y", wrt: "x" });
    const session = await openSession(await writeModel(gradientModel(slope, { of: "d_x", wrt: "x" })), "cpu");
    const row = (...values: number[]) =>
      ({ type: "float32", dims: [1, 3], values: Float64Array.from(values) }) as const;
    const result = await session.run({ x: row(1, 2, -3), d_y: row(1, 1, 1), d_d_x: row(1, 1, 0.5) });
    expect([...result.d_x.values]).toEqual([6, 12, -9]);
  });

  test("gives 0 to what a choice passes over, and keeps the second derivative of what it takes", async () => {
    // y = x > 0 ? (ln x)² : 0      y′ = 2 ln x / x      y″ = 2 (1 − ln x) / x²
    const choice = tiny((op, x) => op.Where(op.Greater(x, 0), op.Mul(op.Log(x), op.Log(x)), 0));
    const slope = gradientModel(choice, { of: "y", wrt: "x" });
    const row = (...values: number[]) =>
      ({ type: "float32", dims: [1, 3], values: Float64Array.from(values) }) as const;
    const given = { x: row(1, 0, -1), d_y: row(1, 1, 1) };
    const first = await (await openSession(await writeModel(slope), "cpu")).run(given);
    expect([...first.d_x.values].map(Math.abs)).toEqual([0, 0, 0]);
    const session = await openSession(await writeModel(gradientModel(slope, { of: "d_x", wrt: "x" })), "cpu");
    expect([...(await session.run({ ...given, d_d_x: row(1, 1, 1) })).d_x.values].map(Math.abs)).toEqual([2, 0, 0]);
  });

  /** A mean of squares, which is not below 0. */
  const power = (op: GraphBuilder, x: Value): Value => op.ReduceMean(op.Mul(x, x), op.int64([1]), { keepdims: 1 });
  const slopes: readonly [string, boolean, (op: GraphBuilder, x: Value) => Value][] = [
    ["x / √(mean x² + ε)", false, (op, x) => op.Div(x, op.Sqrt(op.Add(power(op, x), 1e-5)))],
    ["x · (mean x² + ε)^−½", false, (op, x) => op.Mul(x, op.Pow(op.Add(power(op, x), 1e-5), -0.5))],
    ["x / max(|x|, ε)", false, (op, x) => op.Div(x, op.Max(op.Abs(x), 1e-5))],
    ["ln(1 + |x|)", false, (op, x) => op.Log(op.Add(1, op.Abs(x)))],
    ["x / √(mean x²)", true, (op, x) => op.Div(x, op.Sqrt(power(op, x)))],
    ["x / (mean x² − ε)", true, (op, x) => op.Div(x, op.Sub(power(op, x), 1e-5))],
    ["ln(x + ε)", true, (op, x) => op.Log(op.Add(x, 1e-5))],
  ];
  test.each(slopes)("a choice asks %s whether it is NaN: %s", (_, isAsked, slope) => {
    const choice = tiny((op, x) => op.Where(op.Greater(x, 0), op.Mul(slope(op, x), slope(op, x)), x));
    const { nodes } = gradientModel(choice, { of: "y", wrt: "x" }).graph;
    expect(nodes.some(({ op }) => op === "IsNaN")).toBe(isAsked);
  });

  const pixel = (op: GraphBuilder, x: Value): Value => op.Unsqueeze(x, op.int64([2, 3]));
  const matrix = (op: GraphBuilder, x: Value): Value => op.Squeeze(x, op.int64([2, 3]));
  /** A·X in the words of each operator that multiplies and sums. */
  const products: readonly [string, (op: GraphBuilder, a: Value, x: Value) => Value][] = [
    ["MatMul", (op, a, x) => op.MatMul(a, x)],
    ["Gemm", (op, a, x) => op.Gemm(a, x)],
    ["Einsum", (op, a, x) => op.Einsum(a, x, { equation: "ij,jk->ik" })],
    ["Conv", (op, a, x) => matrix(op, op.Conv(pixel(op, a), pixel(op, op.Transpose(x, { perm: [1, 0] }))))],
    ["ConvTranspose", (op, a, x) => matrix(op, op.ConvTranspose(pixel(op, a), pixel(op, x)))],
  ];
  test.each(products)("%s gives 0 to what a choice passes over, and NaN where it was chosen", async (_, product) => {
    const x = [1, 2, 4, 0.5, 1, 2, 0, 1, 1];
    const gradientOf = async (rows: readonly number[]) => {
      const op = graphBuilder();
      const given = op.input("x", "float32", [3, 3]);
      const chosen = op.Greater(op.float(rows, [3, 1]), 0);
      op.output("y", op.Where(chosen, product(op, op.Reciprocal(given), given), 0), "float32");
      const session = await openSession(
        await writeModel(gradientModel(op.model("rows"), { of: "y", wrt: "x" })),
        "cpu",
      );
      const square = (values: readonly number[]) =>
        ({ type: "float32", dims: [3, 3], values: Float64Array.from(values) }) as const;
      return [...(await session.run({ x: square(x), d_y: square(x.map(() => 1)) })).d_x.values];
    };
    // A = 1/X, whose last row is not finite: X̄ⱼₖ = Σᵢ Aᵢⱼ − Āⱼₖ/Xⱼₖ², Āⱼₖ = Σ Xₖ, of the rows that are chosen.
    const at = (i: number, j: number) => x[3 * i + j];
    const expected = x.map((value, at9) => {
      const [j, k] = [Math.floor(at9 / 3), at9 % 3];
      const through = j < 2 ? (at(k, 0) + at(k, 1) + at(k, 2)) / value ** 2 : 0;
      return 1 / at(0, j) + 1 / at(1, j) - through;
    });
    for (const [i, found] of (await gradientOf([1, 1, 0])).entries()) expect(found).toBeCloseTo(expected[i], 4);
    expect((await gradientOf([1, 1, 1])).some(Number.isNaN)).toBe(true);
  });

  test("works on weights that are read only when the graph is written", async () => {
    const op = graphBuilder();
    const x = op.input("x", "float32", [1, 2]);
    let reads = 0;
    const read = async (): Promise<Uint8Array> => {
      reads++;
      return new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer);
    };
    const data = { byteLength: 16, read };
    op.output("y", op.MatMul(x, op.weight("w", { type: "float32", dims: [2, 2], data })), "float32");
    const gradient = lower(gradientModel(op.model("lazy"), { of: "y", wrt: "x" }), "cpu");
    expect(reads).toBe(0);
    const session = await openSession(await writeModel(gradient), "cpu");
    const row = { type: "float32", dims: [1, 2], values: Float64Array.of(1, 10) } as const;
    expect([...(await session.run({ x: row, d_y: row })).d_x.values]).toEqual([21, 43]);
  });

  test("gives its constants the float type that they meet", async () => {
    const op = graphBuilder();
    const half = op.Cast(op.input("x", "float32", [1, 3]), { to: "float16" });
    op.output("y", op.Cast(op.Sqrt(op.Sigmoid(op.Tanh(half))), { to: "float32" }), "float32");
    const session = await openSession(await writeModel(gradientModel(op.model("half"), { of: "y", wrt: "x" })), "cpu");
    const row = (...values: number[]) =>
      ({ type: "float32", dims: [1, 3], values: Float64Array.from(values) }) as const;
    const { d_x } = await session.run({ x: row(0, 0.5, -1), d_y: row(1, 1, 1) });
    const sigmoid = (v: number) => 1 / (1 + Math.exp(-v));
    // √σ(tanh x)′ = ½·√σ·(1 − σ)·(1 − tanh²)
    const expected = [0, 0.5, -1].map((v) => {
      const [t, s] = [Math.tanh(v), sigmoid(Math.tanh(v))];
      return 0.5 * Math.sqrt(s) * (1 - s) * (1 - t * t);
    });
    d_x.values.forEach((value, i) => {
      expect(Math.abs(value - expected[i])).toBeLessThan(2e-3);
    });
  });
});
