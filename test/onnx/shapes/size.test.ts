import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Dim } from "../../../onnx/index.ts";
import {
  add,
  broadcast,
  divide,
  floorDiv,
  lowerBound,
  mul,
  named,
  sizeAt,
  sub,
  symbol,
} from "../../../onnx/shapes/size.ts";

const sizes = { N: 3, H: 10, W: 7 };

/** A size with its names replaced by numbers. */
const numberOf = (dim: Dim): number =>
  typeof dim === "number"
    ? dim
    : dim
        .split(" + ")
        .map((term) =>
          term.split("·").reduce((product, factor) => product * (sizes[factor as "N"] ?? Number(factor)), 1),
        )
        .reduce((a, b) => a + b, 0);

const leaf = fc.oneof(fc.constantFrom("N", "H", "W"), fc.integer({ min: -4, max: 4 }));
type Term = readonly ["+" | "-" | "*", Dim];
const terms = fc.array(fc.tuple(fc.constantFrom("+", "-", "*"), leaf) as fc.Arbitrary<Term>, { maxLength: 6 });
const compute = { "+": add, "-": sub, "*": mul };

describe("sizes", () => {
  test("follow the arithmetic of numbers, whatever the names stand for", () => {
    fc.assert(
      fc.property(leaf, terms, (first, list) => {
        let dim: Dim = first;
        let value = numberOf(first);
        for (const [sign, operand] of list) {
          dim = compute[sign](dim, operand);
          const number = numberOf(operand);
          value = sign === "+" ? value + number : sign === "-" ? value - number : value * number;
        }
        expect(numberOf(dim) === value).toBe(true);
      }),
    );
  });

  test("are the same text when they are the same polynomial", () => {
    fc.assert(
      fc.property(leaf, leaf, leaf, (a, b, c) => {
        expect(sub(mul(a, add(b, c)), add(mul(c, a), mul(b, a)))).toBe(0);
      }),
    );
    expect(sub(add("N", 2), "N")).toBe(2);
  });

  test("divide where every term does", () => {
    expect(divide(mul(8, mul("N", "H")), mul("N", 2))).toBe("4·H");
    expect(divide("N", 2)).toBeUndefined();
    expect(divide(add(mul(4, "N"), 2), 2)).toBe("2·N + 1");
    expect(divide(mul("N", "H"), "W")).toBeUndefined();
  });

  test("are numbers where their names are", () => {
    const sizes: Readonly<Record<string, number>> = { N: 3, H: 5 };
    expect(sizeAt(add(mul(2, mul("N", "H")), sub("H", 1)), (name) => sizes[name])).toBe(34);
    expect(sizeAt(0, () => Number.NaN)).toBe(0);
    expect(sizeAt(add("N", floorDiv("H", 2)), (name) => sizes[name] ?? Number.NaN)).toBeNaN();
  });

  test("keep what is no polynomial as a name that equals itself", () => {
    const half = floorDiv(add("H", -1), 2);
    expect(half).toBe(floorDiv(sub("H", 1), 2));
    expect(sub(half, half)).toBe(0);
    expect(divide(mul(half, 4), half)).toBe(4);
  });

  test("have names of bounded length", () => {
    let name: Dim = "N";
    for (let i = 0; i < 40; i++) name = named(`${name} with ${name}`);
    expect(String(name).length).toBeLessThan(40);
  });

  test("broadcast as in NumPy", () => {
    expect(broadcast(["N", 1, 4], [3, 1])).toEqual(["N", 3, 4]);
    expect(broadcast(["N"], ["N"])).toEqual(["N"]);
    expect(broadcast(["N"], ["M"])).toEqual([named("N with M")]);
  });

  test("are known to be at least their constant", () => {
    expect(lowerBound(add("N", 2))).toBe(2);
    expect(lowerBound(sub("N", 2))).toBe(-2);
    expect(lowerBound(sub(2, "N"))).toBe(Number.NEGATIVE_INFINITY);
  });

  test("take any dimension name of a model for a name", () => {
    for (const text of ["2·N", "a + b", "-1", "⌊x⌋", ""]) expect(sub(symbol(text), symbol(text))).toBe(0);
    expect(symbol("batch size")).toBe("batch size");
  });
});
