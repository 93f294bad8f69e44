import fc from "fast-check";
import { expect, test } from "vitest";
import { areFinite, clip } from "../../diffusion/index.ts";

const values = fc.float32Array({ maxLength: 19 });

test("areFinite finds NaN and infinity wherever they are", () => {
  fc.assert(
    fc.property(values, fc.nat(4), (data, skipped) => {
      const part = data.subarray(Math.min(skipped, data.length));
      expect(areFinite(part)).toBe(part.every(Number.isFinite));
    }),
  );
});

test.each([Number.NaN, Infinity, -Infinity])("areFinite finds one %s among many", (value) => {
  for (const length of [1, 4, 7])
    for (let at = 0; at < length; at++) expect(areFinite(new Float32Array(length).fill(1).with(at, value))).toBe(false);
});

test("areFinite takes the largest and the least for what they are", () => {
  expect(areFinite(Float32Array.of(3.4028234663852886e38, -3.4028234663852886e38, 1e-45, -1e-45, 0, -0))).toBe(true);
});

test("clip gives the nearest of [−1, 1], and NaN for NaN", () => {
  fc.assert(
    fc.property(fc.float32Array({ noDefaultInfinity: true, maxLength: 19 }), (data) => {
      const { data: clipped } = clip({ dims: [data.length], data });
      expect(clipped).toEqual(data.map((value) => Math.max(-1, Math.min(1, value))));
    }),
  );
});
