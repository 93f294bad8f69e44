import { expect, test } from "vitest";
import { readNumber } from "../../../client/edit/expression.ts";

test("readNumber reads numbers as people type them", () => {
  expect(readNumber("18")).toBe(18);
  expect(readNumber(" 1/3 ")).toBeCloseTo(1 / 3, 15);
  expect(readNumber("2^10 - 1")).toBe(1023);
  expect(readNumber("2^3^2")).toBe(512);
  expect(readNumber("-(3 + 4) × .5")).toBe(-3.5);
  expect(readNumber("1e-3")).toBe(0.001);
});

test("readNumber reads nothing else", () => {
  for (const text of ["", "abc", "1 2", "1/0", "(1", "alert(1)", "1;2", "0x10", "--"])
    expect(readNumber(text)).toBeUndefined();
});
