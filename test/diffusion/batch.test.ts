import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  perSample,
  philoxNoise,
  rank,
  reduceDraws,
  repeatAll,
  repeatEach,
  resample,
  takeSamples,
  uniformOf,
} from "../../diffusion/index.ts";
import { samples } from "../support/wired-values.ts";

const x = samples([1, 2], [3, 4], [5, 6]);

test("repeatAll beside repeatEach brings every sample together with every other", () => {
  const [each, all] = [repeatEach(x, 3), repeatAll(x, 3)];
  expect(all).toEqual(samples([1, 2], [3, 4], [5, 6], [1, 2], [3, 4], [5, 6], [1, 2], [3, 4], [5, 6]));
  const pairs = Array.from({ length: 9 }, (_, i) => `${each.data[2 * i]} ${all.data[2 * i]}`);
  expect(new Set(pairs).size).toBe(9);
});

test("repeatEach puts the draws of a sample side by side, and reduceDraws brings them together again", () => {
  expect(repeatEach(x, 2)).toEqual(samples([1, 2], [1, 2], [3, 4], [3, 4], [5, 6], [5, 6]));
  for (const by of ["mean", "max", "log-mean-exp"] as const) expect(reduceDraws(repeatEach(x, 4), 4, by)).toEqual(x);
  expect(reduceDraws(repeatEach(x, 4), 4, "sum")).toEqual(samples([4, 8], [12, 16], [20, 24]));
});

test("log-mean-exp neither overflows nor vanishes", () => {
  expect(reduceDraws(samples([1000], [-1000], [-1000], [-1000]), 2, "log-mean-exp").data[0]).toBeCloseTo(
    1000 - Math.LN2,
  );
  expect(reduceDraws(samples([-1000], [-1000]), 2, "log-mean-exp").data[0]).toBe(-1000);
});

test("takeSamples refuses a sample that the batch does not have, and groups that do not come out even", () => {
  expect(takeSamples(x, [2, 0, 2])).toEqual(samples([5, 6], [1, 2], [5, 6]));
  expect(() => takeSamples(x, [3])).toThrow("Cannot take sample 3: the batch has samples 0 to 2");
  expect(() => takeSamples(x, [0.5])).toThrow("sample 0.5");
  expect(() => reduceDraws(x, 2, "mean")).toThrow("2 must divide it");
});

test("rank gives the best of each group, the earlier of equal ones first", () => {
  const scores = perSample([1, 5, 3, 3, 9, 9]);
  expect([...rank(scores, 3, 1, "highest").data]).toEqual([1, 4]);
  expect([...rank(scores, 6, 6, "lowest").data]).toEqual([0, 2, 3, 1, 4, 5]);
});

describe("resample", () => {
  const weights = fc.array(fc.double({ min: -20, max: 20, noNaN: true }), { minLength: 2, maxLength: 12 });

  test("takes each particle as often as its weight says, up to one", () => {
    fc.assert(
      fc.property(weights, fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true }), (logs, u) => {
        const { indices, logWeights } = resample(perSample(logs), logs.length, 1, () => u);
        const w = [...perSample(logs).data].map(Math.exp);
        const total = w.reduce((a, b) => a + b);
        const isDrawn = logWeights.data.every((value) => value === 0);
        for (const [k, own] of w.entries()) {
          const times = indices.data.filter((index) => index === k).length;
          if (isDrawn) expect(Math.abs(times - (logs.length * own) / total)).toBeLessThan(1 + 1e-6);
          else expect(times).toBe(1);
        }
      }),
      { numRuns: 200 },
    );
  });

  test("leaves particles alone that count enough, and groups alone that are others'", () => {
    const { indices, logWeights } = resample(perSample([0, 0.1, -30, 0]), 2, 0.7, () => 0.5);
    expect([...indices.data]).toEqual([0, 1, 3, 3]);
    expect([...logWeights.data]).toEqual([0, Math.fround(0.1), 0, 0]);
  });

  test("refuses weights that are all zero, or no numbers", () => {
    expect(() => resample(perSample([-Infinity, -Infinity]), 2, 1, () => 0.5)).toThrow("samples 0 to 1");
    expect(() => resample(perSample([Number.NaN, 0]), 2, 1, () => 0.5)).toThrow("NaN");
  });

  test("draws uniform numbers from normal ones", () => {
    const draws = Array.from({ length: 40 }, (_, k) =>
      uniformOf(philoxNoise({ seed: 3, dims: [50, 2, 1, 1] }).draw(k)),
    );
    const all = draws.flatMap((of) => Array.from({ length: 50 }, (_, n) => of(n)));
    for (const part of [0.1, 0.25, 0.5, 0.9])
      expect(Math.abs(all.filter((u) => u < part).length / all.length - part)).toBeLessThan(0.035);
  });
});
