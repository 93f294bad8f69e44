import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { evaluate, evaluateNumber, FormulaError, functions, namesOf, parseFormula } from "../../../diffusion/index.ts";
import { samples } from "../../support/wired-values.ts";

const value = (text: string, values = {}) => evaluateNumber(parseFormula(text), values);

test.each([
  ["1 + 2 * 3", 7],
  ["(1 + 2) * 3", 9],
  ["10 - 4 - 3", 3],
  ["24 / 4 / 3", 2],
  ["2 ^ 3 ^ 2", 512],
  ["-2 ^ 2", -4],
  ["2 ^ -1", 0.5],
  ["4 ^ 0.5 - 9 ^ -0.5", 2 - 1 / 3],
  ["(-1) ^ 65 + (-1) ^ 998 * 2 + (-1) ^ -999", 0],
  ["(-2) ^ 99 / 2 ^ 99", -1],
  ["2 × 3 − 8 ÷ 4 · 2", 2],
  ["1 < 2 && 2 < 3", 1],
  ["1 > 2 || !0", 1],
  ["!(3 == 3) + (2 != 2)", 0],
  ["0 ? 1 : 2 > 1 ? 3 : 4", 3],
  ["1 ? 2 ? 3 : 4 : 5", 3],
  ["1.5e1 + .5", 15.5],
  ["2 * π - 2 * pi", 0],
  ["min(3, 1, 2) + max(1, 5)", 6],
  ["clamp(5, -1, 1) + clamp(-5, -1, 1)", 0],
  ["where(2, 3, 4)", 3],
  ["exp(log(7))", 7],
  ["sqrt(16) + abs(-2) + sign(-9) + floor(1.9)", 6],
  ["sin(pi / 6) + cos(pi / 3) + tanh(0) + sigmoid(0)", 1.5],
  ["table(1, 10, 20, 30) + table(-4, 1, 2) + table(99, 1, 2)", 23],
  ["curve(0.5, 0, 0, 1, 10) + curve(-1, 0, 3, 1, 4) + curve(9, 0, 3, 1, 4)", 12],
  ["curve(15, 0, 0, 10, 1, 20, 3)", 2],
  ["curve(15, 20, 3, 10, 1, 0, 0) + curve(999, 999, 1, 0, 0) + curve(-1, 9, 5, 1, 4)", 7],
])("%s = %d", (text, expected) => {
  expect(value(text)).toBeCloseTo(expected, 9);
});

test.each([
  ["", 1, "a value is missing before its end"],
  ["1 +", 4, "a value is missing before its end"],
  ["a + * b", 5, 'a value is missing before "*"'],
  ["(a + b", 7, 'a ")" is missing before its end'],
  ["a b", 3, 'an operator is missing before "b"'],
  ["a $ b", 3, '"$" has no meaning here'],
  ["1 < a < 2", 7, "compare twice with &&"],
  ["sine(a)", 1, "there is no function sine, but exp, "],
  ["clamp(a)", 1, "write clamp(x, low, high)"],
  ["curve(a, 1, 2, 3)", 1, "write curve(at, x, y, x, y, …)"],
  ["curve(a, 0, 1, 2, 3, 1, 4)", 1, "must rise, or fall"],
  ["a + curve(a, 1, 1, 1, 3)", 5, "must rise, or fall"],
  ["clamp(a, 3, 1)", 1, "no value lies from 3 to 1"],
  ["exp + 1", 1, "exp is a function: write exp(x)"],
  ["a ? b", 6, 'the ":" of a choice is missing'],
  [`${"(".repeat(300)}a`, 101, "too much is nested in it"],
  [`${"-".repeat(300)}a`, 101, "too much is nested in it"],
  ["1".repeat(5000), 4001, "at most 4000 characters"],
  ["__proto__(1)", 1, "there is no function __proto__"],
])("%s is refused with the place", (text, character, why) => {
  const read = () => parseFormula(text);
  expect(read).toThrow(FormulaError);
  expect(read).toThrow(`at character ${character} of "`);
  expect(read).toThrow(why);
  expect(read).toThrow(/^[^\n]{1,300}$/);
});

test("computed points that do not rise are refused with both", () => {
  expect(value("curve(1, a, 0, b, 4)", { a: 0, b: 2 })).toBe(2);
  for (const b of [0, -1]) expect(() => value("curve(1, a, 0, b, 4)", { a: 0, b })).toThrow(`but ${b} follows 0`);
});

test("namesOf tells what is read", () => {
  expect([...namesOf(parseFormula("a * (alpha_bar - b) + min(a, c) + pi")).keys()]).toEqual([
    "a",
    "alpha_bar",
    "b",
    "c",
  ]);
});

test("any text is read or refused in one line, and nothing else happens", () => {
  const pieces = fc.constantFrom(..."+-*/^()<>=!?:,&|. 0123456789abπ√\n", ...Object.keys(functions));
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 40 }), (some) => {
      try {
        parseFormula(some.join(""));
      } catch (error) {
        expect(error).toBeInstanceOf(FormulaError);
        expect((error as Error).message).toMatch(/^[^\n]+$/);
      }
    }),
    { numRuns: 500 },
  );
});

describe("precedence is that of the language", () => {
  const text: fc.Arbitrary<string> = fc.letrec((tie) => ({
    leaf: fc.constantFrom("a", "b", "1.5", "2"),
    node: fc.oneof(
      { maxDepth: 5 },
      tie("leaf"),
      fc.tuple(tie("node"), fc.constantFrom("+", "-", "*"), tie("node")).map(([a, by, b]) => `${a} ${by} ${b}`),
      fc.tuple(tie("node"), fc.constantFrom("<", ">="), tie("node")).map(([a, by, b]) => `(${a} ${by} ${b})`),
    ),
  })).node as fc.Arbitrary<string>;

  test("for sums, products and comparisons", () => {
    fc.assert(
      fc.property(text, (text) => {
        const own = value(text, { a: 3, b: -2 });
        const theirs = Number(new Function("a", "b", `return ${text}`)(3, -2));
        expect(own).toBeCloseTo(theirs, 9);
      }),
      { numRuns: 300 },
    );
  });
});

test("numbers, numbers of samples and tensors go together", () => {
  const a = samples([1, 2], [3, 4]);
  const of = (text: string, values: Parameters<typeof evaluate>[1]) => evaluate(parseFormula(text), values);
  expect(of("a * b", { a, b: samples([10], [100]) })).toEqual(samples([10, 20], [300, 400]));
  expect(of("a * b + c", { a, b: 2, c: samples([1]) })).toEqual(samples([3, 5], [7, 9]));
  expect(of("a + b", { a, b: { dims: [1, 2, 1, 1], data: Float32Array.of(10, 20) } })).toEqual(
    samples([11, 22], [13, 24]),
  );
  const row = { dims: [1, 1, 1, 3], data: Float32Array.of(1, 2, 3) };
  const column = { dims: [1, 1, 2, 1], data: Float32Array.of(10, 20) };
  expect(of("a + b", { a: row, b: column })).toEqual({
    dims: [1, 1, 2, 3],
    data: Float32Array.of(11, 12, 13, 21, 22, 23),
  });
  expect(of("2 + 3", {})).toEqual(samples([5]));
  expect(() => of("a + b", { a, b: samples([1, 2, 3]) })).toThrow("2×2×1×1 and 1×3×1×1");
});

test("a result that is no number is told with what it was made of; the other side of a choice is not looked at", () => {
  const a = samples([4], [0]);
  expect(() => evaluate(parseFormula("1 / a"), { a })).toThrow("Its result is Infinity where a = 0");
  expect(evaluate(parseFormula("a > 0 ? log(a) : 0"), { a }).data[1]).toBe(0);
});

test("what reads numbers alone is computed once for all values, and not at all where nobody asks", () => {
  const of = vi.spyOn(functions.curve, "of");
  const a = { dims: [1, 1, 2, 2], data: Float32Array.of(1, 2, 3, 4) };
  const of4 = (text: string) => [...evaluate(parseFormula(text), { a, p: 0.5 }).data];
  expect(of4("a * (1 + curve(p, 0, 0, 1, 4))")).toEqual([3, 6, 9, 12]);
  expect(of).toHaveBeenCalledTimes(1);
  expect(of4("where(p > 0, a, curve(p, 0, 0, 1, 4))")).toEqual([1, 2, 3, 4]);
  expect(of).toHaveBeenCalledTimes(1);
  expect(of4("curve(a, 0, 0, 4, 8)")).toEqual([2, 4, 6, 8]);
  expect(of).toHaveBeenCalledTimes(5);
  of.mockRestore();
});
