/** Formulas as nodes: what is refused before the run, what the result is known to be, and that any of them is drawn as it is computed. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { functions, type Tensor } from "../../diffusion/index.ts";
import { type GraphError, nodes } from "../../nodes/index.ts";
import { stepNumbers } from "../../nodes/values/step-measures.ts";
import { graphOf, type Placed, randomTensor, runAll, values } from "../support/drawn.ts";
import { fakeKnown } from "../support/fake-context.ts";
import { samples, wiredValue } from "../support/wired-values.ts";

const formula = nodes["guidegraph/formula"];
const numberFormula = nodes["guidegraph/number-formula"];
const size = { batch: 2, channels: 3, height: 4, width: 4 };
const each = { batch: 2, channels: 1, height: 1, width: 1 };

const inferred = (text: string, wired: object, meaning = "") =>
  formula.infer!(wired, fakeKnown({ formula: text, meaning })).tensor;

test("the size of the result is known, and what its tensors mean", () => {
  const eps = { ...size, meaning: "eps" } as const;
  expect(inferred("(3 * a - b) / 2", { a: eps, b: eps })).toEqual(eps);
  expect(inferred("a * b", { a: eps, b: each })).toEqual(eps);
  expect(inferred("a + b", { a: { ...size, meaning: "x" }, b: { ...size, meaning: "gradient" } })).toMatchObject({
    meaning: "x",
  });
  // A scale of the step leaves a gradient one, also before anything is known of its size.
  expect(inferred("a * curve(progress, 0, 0, 1, 1)", { a: { meaning: "gradient" }, step: {} })).toEqual({
    meaning: "gradient",
  });
  expect(inferred("a + b", { a: { ...size, meaning: "x0" }, b: eps })).toEqual(size);
  expect(inferred("a + b", { a: { ...size, meaning: "x0" }, b: eps }, "mean")).toEqual({ ...size, meaning: "mean" });
  expect(inferred("sqrt(a)", { a: each })).toEqual(each);
  expect(inferred("a * b", { a: each, b: {} })).toEqual({ batch: 2 });
});

test.each([
  ["a + b", { a: size }, "b", "The formula reads b: wire it"],
  ["a * sigma", { a: size }, "step", "wire step"],
  ["a + q", { a: size }, "formula", 'at character 5 of "a + q": q is not known, but a, b, c, d, e, f, and of a step'],
  ["a +", { a: size }, "formula", "a value is missing before its end"],
  ["a + b", { a: size, b: { ...size, height: 8 } }, "b", "its height must be 4"],
])("%s is refused before the run, at its port", (text, wired, port, message) => {
  try {
    inferred(text, wired);
    expect.unreachable();
  } catch (error) {
    expect(error).toMatchObject({ port, message: expect.stringContaining(message) } satisfies Partial<GraphError>);
  }
});

test("a formula of numbers follows the step", async () => {
  const number = await wiredValue((w) => {
    const schedule = w.add("guidegraph/diffusion-schedule", { timestep_respacing: "10" }).out("schedule");
    const step = w.add("guidegraph/schedule-step", { schedule, index: 3 }).out("step");
    const text = "index >= b && index < 8 ? a * table(count - 1 - index, 1, 2, 4) : 0";
    return w.add("guidegraph/number-formula", { formula: text, a: 5, b: 2, step }).out("number");
  });
  expect(number).toBe(20);
});

test("what has no value is told with the node's inputs", async () => {
  const wrong = wiredValue((w) =>
    w.add("guidegraph/formula", { formula: "log(a)", a: w.tensor(samples([1], [-1])) }).out("tensor"),
  );
  await expect(wrong).rejects.toThrow("Its result is NaN where a = -1");
});

describe("any formula is drawn as it is computed", () => {
  const leaf = fc.constantFrom("a", "b", "c", "d", "0.5", "2", "sigma");
  const text: fc.Arbitrary<string> = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.tuple(tie("node"), fc.constantFrom("+", "-", "*", "/"), tie("node")).map(([a, by, b]) => `(${a} ${by} ${b})`),
      fc.tuple(fc.constantFrom("sin", "cos", "tanh", "sigmoid", "abs", "-"), tie("node")).map(([f, x]) => `${f}(${x})`),
      fc.tuple(fc.constantFrom("min", "max"), tie("node"), tie("node")).map(([f, a, b]) => `${f}(${a}, ${b})`),
      fc.tuple(tie("node"), fc.constantFrom("2", "3", "-1")).map(([a, b]) => `(${a}) ^ ${b}`),
      // What jumps is asked of inputs alone: between values that rounding alone tells apart it may jump either way.
      fc
        .tuple(leaf, fc.constantFrom("<", ">="), leaf, tie("node"), tie("node"))
        .map(([a, by, b, x, y]) => `(${a} ${by} ${b} ? ${x} : ${y})`),
      fc.tuple(leaf, tie("node"), tie("node")).map(([at, x, y]) => `table(${at}, ${x}, ${y})`),
      fc.tuple(tie("node"), tie("node")).map(([x, y]) => `curve(${x}, -1, ${y}, 0.5, 1, 2, 0)`),
    ),
  })).node as fc.Arbitrary<string>;
  const given = {
    b: { value: randomTensor(21) },
    c: { value: { dims: [2, 1, 1, 1], data: Float32Array.of(0.3, -1.2) } },
    d: { value: 0.8 },
    step: { value: values.step },
    meaning: { value: "" },
  };

  test("and a result that is no number in neither", async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(text, async (text) => {
        const inputs = { ...given, formula: { value: `(${text}) * 1 + a * 0` }, a: { from: "variable" } } as const;
        const nodes: Placed[] = [{ path: "5", definition: formula, inputs }];
        const at = randomTensor(22);
        const expected = await runAll(nodes, at).then(
          (all) => all.get("5")!.tensor as Tensor,
          () => undefined,
        );
        const most = expected?.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0) ?? 0;
        if (!expected || most > 1e3) return;
        const [found] = (await graphOf(nodes, ["5", "tensor"]).run(at, [{ of: "5", output: "tensor" }])) as [Tensor];
        expect(found.dims).toEqual(expected.dims);
        const off = found.data.reduce((off, value, i) => Math.max(off, Math.abs(value - expected.data[i])), 0);
        expect(off).toBeLessThanOrEqual(1e-4 * (1 + most));
        compared++;
      }),
      { numRuns: 60 },
    );
    expect(compared).toBeGreaterThan(20);
  });
});

test("its help names all that a formula may read", () => {
  for (const { inputs } of [formula, numberFormula]) {
    const { help = "" } = inputs.formula;
    for (const name of [...Object.keys(functions), ...Object.keys(stepNumbers)]) expect(help).toContain(name);
  }
});
