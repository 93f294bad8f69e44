import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  add,
  blend,
  normalise,
  normaliseLike,
  norms,
  project,
  scale,
  type Tensor,
  zeros,
} from "../../diffusion/index.ts";
import { largestDifference, tensors } from "../support/tensors.ts";

const nonZero = tensors().filter((x) => norms(x).every((norm) => norm > 0.1));
const dots = (a: Tensor, b: Tensor) =>
  [0, 1].map((n) =>
    a.data.subarray(n * 12, n * 12 + 12).reduce((sum, value, i) => sum + value * b.data[n * 12 + i], 0),
  );

test("add and scale are linear", () => {
  fc.assert(
    fc.property(tensors(), tensors(), (x, y) => {
      expect(largestDifference(add(x, y, 2, -3), add(scale(x, 2), scale(y, -3)))).toBeLessThan(1e-5);
      expect(add(x, x, 1, -1).data.every((value) => value === 0)).toBe(true);
    }),
  );
});

describe("normalise", () => {
  test("gives every sample the length", () => {
    fc.assert(
      fc.property(nonZero, fc.double({ min: 0.5, max: 20, noNaN: true }), (x, norm) => {
        for (const length of norms(normalise(x, norm))) expect(length).toBeCloseTo(norm, 4);
        for (const length of norms(normalise(x, norm, "root-mean-square")))
          expect(length / Math.sqrt(12)).toBeCloseTo(norm, 4);
      }),
    );
  });
  test("like another gives every sample that one's length", () => {
    fc.assert(
      fc.property(nonZero, nonZero, (x, y) => {
        norms(normaliseLike(x, y, 2)).forEach((length, n) => {
          expect(length).toBeCloseTo(2 * norms(y)[n], 4);
        });
      }),
    );
  });
  test("leaves zeros alone", () => expect(normalise(zeros([1, 1, 2, 2]))).toEqual(zeros([1, 1, 2, 2])));
  test("does not hide what is not a number", () =>
    expect(normalise({ dims: [1, 2], data: Float32Array.of(Number.NaN, 1) }).data.every(Number.isNaN)).toBe(true));
});

describe("project", () => {
  test("splits into a part along and a part across", () => {
    fc.assert(
      fc.property(nonZero, nonZero, (x, y) => {
        const { parallel, orthogonal } = project(x, y);
        expect(largestDifference(add(parallel, orthogonal), x)).toBeLessThan(1e-5);
        for (const product of dots(orthogonal, y)) expect(Math.abs(product)).toBeLessThan(1e-3);
        const again = project(parallel, y);
        expect(largestDifference(again.parallel, parallel)).toBeLessThan(1e-4);
      }),
    );
  });
  test("finds nothing along zeros", () => {
    const x = { dims: [1, 2], data: Float32Array.of(1, 2) };
    expect(project(x, zeros([1, 2]))).toEqual({ parallel: zeros([1, 2]), orthogonal: x });
  });
});

describe("blend", () => {
  const x = { dims: [2, 1, 1, 2], data: Float32Array.of(1, 2, 3, 4) };
  const y = { dims: [2, 1, 1, 2], data: Float32Array.of(-1, -2, -3, -4) };
  test("mixes by a mask that serves every sample", () =>
    expect([...blend(x, { dims: [1, 1, 1, 2], data: Float32Array.of(1, 0.25) }, y).data]).toEqual([1, -1, 3, -2]));
  test("without another tensor fades to zero", () =>
    expect([...blend(x, { dims: [2, 1, 1, 2], data: Float32Array.of(1, 0, 0, 1) }).data]).toEqual([1, 0, 0, 4]));
  test("refuses a mask of another size", () => expect(() => blend(x, zeros([1, 1, 2, 2]))).toThrow(RangeError));
});
