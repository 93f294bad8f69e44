import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { philoxLabels, philoxNoise, sizeOf } from "../../diffusion/index.ts";

const seed = fc.maxSafeNat();

describe("philoxNoise", () => {
  test("draws sample 17 alike in any batch", () => {
    fc.assert(
      fc.property(seed, fc.nat(1000), fc.constantFrom(8, 9, 48), (seed, draw, size) => {
        const batches = (batch: number) =>
          Array.from({ length: 16 / batch }, (_, index) =>
            philoxNoise({ seed, dims: [batch, size, 1, 1], firstSample: 16 + index * batch }).draw(draw),
          ).flatMap(({ data }) => [...data]);
        expect(batches(1)).toEqual(batches(16));
        expect(batches(4)).toEqual(batches(16));
      }),
      { numRuns: 50 },
    );
  });

  test("a smaller picture's values are the first of a larger one's", () => {
    const values = (size: number) => philoxNoise({ seed: 5, dims: [1, size, 1, 1] }).draw(3).data;
    for (let size = 1; size < 20; size++) expect(values(size)).toEqual(values(64).subarray(0, size));
  });

  test("seed, stream, draw and sample each change everything", () => {
    const values = (seed: number, stream: number, firstSample: number, draw: number) =>
      philoxNoise({ seed, stream, firstSample, dims: [1, 4, 4, 4] }).draw(draw).data;
    const base = values(1, 0, 0, 0);
    for (const other of [
      values(2, 0, 0, 0),
      values(1 + 2 ** 32, 0, 0, 0),
      values(1, 1, 0, 0),
      values(1, 0, 1, 0),
      values(1, 0, 0, 1),
    ])
      expect(other.some((value, i) => value === base[i])).toBe(false);
  });

  test("is standard normal", () => {
    const { data } = philoxNoise({ seed: 2024, dims: [16, 3, 64, 64] }).draw(1);
    const moment = (power: number) => data.reduce((sum, value) => sum + value ** power, 0) / data.length;
    const error = 4 / Math.sqrt(sizeOf([16, 3, 64, 64]));
    expect(Math.abs(moment(1))).toBeLessThan(error);
    expect(Math.abs(moment(2) - 1)).toBeLessThan(Math.SQRT2 * error);
    expect(Math.abs(moment(3))).toBeLessThan(Math.sqrt(15) * error);
    expect(Math.abs(moment(4) - 3)).toBeLessThan(Math.sqrt(96) * error);
  });

  test("never changes its bits", () => {
    const { data } = philoxNoise({ seed: 2105, dims: [4, 3, 64, 64] }).draw(7);
    expect([...data.subarray(0, 4)]).toEqual([
      0.28876131772994995, -1.405392050743103, 0.302472323179245, -0.31364622712135315,
    ]);
    const sha256 = createHash("sha256").update(new Uint8Array(data.buffer)).digest("hex");
    expect(sha256).toBe("0c889a8a9f4bdbdc5aaa57727153e0e0447dfca9830e9abacce9c70f3d4a552c");
  });

  test("refuses a seed or a stream out of range", () => {
    for (const seed of [-1, 1.5, 2 ** 53]) expect(() => philoxNoise({ seed, dims: [1] })).toThrow(RangeError);
    for (const stream of [-1, 1.5, 2 ** 32 - 1])
      expect(() => philoxNoise({ seed: 1, stream, dims: [1] })).toThrow(RangeError);
  });
});

test("philoxLabels go on from batch to batch and cover every class", () => {
  const labels = philoxLabels(3, 10, 400);
  expect([...philoxLabels(3, 10, 100), ...philoxLabels(3, 10, 300, 100)]).toEqual(labels);
  expect([...new Set(labels)].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});
