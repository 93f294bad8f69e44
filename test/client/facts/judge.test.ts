import { describe, expect, test } from "vitest";
import { broughtBy, misfitWords } from "../../../client/facts/judge.ts";

const target = { node: "7/3", port: "x" };
const size = { ...target, message: "Cannot use x (1×3×64×64) with model (?×3×32×32): its sides must be 32×32" };

describe("a wire brings", () => {
  test("a problem that was not there without it, that of its own end first", () => {
    const other = { node: "9", port: "images", message: "It is too large" };
    expect(broughtBy([], [other, size], target)).toBe(size);
    expect(broughtBy([], [other], target)).toBe(other);
  });
  test("nothing where the same was wrong before, even in other words", () => {
    const before = { node: "2", port: "classes", message: "Cannot read class “star”" };
    const after = { ...before, message: "Cannot read class “star”: give names: circle" };
    expect(broughtBy([before], [after], target)).toBeUndefined();
    expect(broughtBy([size], [size], target)).toBeUndefined();
  });
  test("what follows the missing wire that it replaces", () =>
    expect(broughtBy([{ ...target, message: "nothing is wired to it" }], [size], target)).toBe(size));
});

describe("a misfit is told in two sentences", () => {
  const phrase = "a tensor (x, 1 × 3 × 64 × 64)";
  test("what does not fit, then what would", () =>
    expect(misfitWords(phrase, target, size, undefined)).toBe(
      "A tensor (x, 1 × 3 × 64 × 64) does not fit “x”. Its sides must be 32×32.",
    ));
  test("with the whole message where another port is at fault", () =>
    expect(misfitWords(phrase, { ...target, port: "model" }, size, undefined)).toBe(
      `A tensor (x, 1 × 3 × 64 × 64) does not fit “model”. ${size.message}.`,
    ));
  test("with the name of the node where another one is", () =>
    expect(misfitWords(phrase, { node: "1", port: "x" }, size, "Predict")).toBe(
      `A tensor (x, 1 × 3 × 64 × 64) does not fit “x”. Predict: ${size.message}.`,
    ));
});
