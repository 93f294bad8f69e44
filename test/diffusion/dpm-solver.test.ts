import fc from "fast-check";
import { expect, test } from "vitest";
import {
  ddimStep,
  dpmSolverStep,
  dynamicThreshold,
  predictionFromX0,
  previousWeight,
  type Schedule,
  schedule,
  type Tensor,
  zeros,
} from "../../diffusion/index.ts";
import { largestDifference, tensors } from "../support/tensors.ts";

const dims = [2, 3, 2, 2];
const cosine = schedule({ noiseSchedule: "cosine", timestepRespacing: "50" });

test("without a previous prediction, or with the same x₀, dpmSolverStep is DDIM", () => {
  fc.assert(
    fc.property(tensors(), tensors(), fc.integer({ min: 0, max: 48 }), (x, x0, index) => {
      const prediction = predictionFromX0(x0, zeros(dims), x, cosine.at(index));
      const before = { ...prediction, step: cosine.at(index + 1) };
      const ddim = ddimStep(prediction, undefined);
      expect(largestDifference(dpmSolverStep(prediction), ddim)).toBeLessThan(2e-5);
      expect(largestDifference(dpmSolverStep(prediction, before), ddim)).toBeLessThan(2e-5);
    }),
  );
});

/**
 * Data ~ N(0, v): the best x₀ and the path of the probability flow are known. x₀(xₜ) = √ᾱ·v/(ᾱv + 1 − ᾱ) · xₜ, and xₜ
 * keeps its place in the distribution: xₜ / √(ᾱv + 1 − ᾱ) is constant.
 */
function endError(made: Schedule, stop: number, multistep: boolean): number {
  const v = 0.04;
  const spread = (alphaBar: number) => Math.sqrt(alphaBar * v + 1 - alphaBar);
  const one = (value: number): Tensor => ({ dims: [1, 1, 1, 1], data: Float32Array.of(value) });
  const start = made.count - 1;
  let x = one(spread(made.at(start).at.alphaBar));
  let previous: ReturnType<typeof predictionFromX0> | undefined;
  for (let index = start; index > stop; index--) {
    const { alphaBar } = made.at(index).at;
    const best = one((Math.sqrt(alphaBar) * v * x.data[0]) / spread(alphaBar) ** 2);
    const prediction = predictionFromX0(best, zeros([1, 1, 1, 1]), x, made.at(index), { clipDenoised: false });
    x = multistep ? dpmSolverStep(prediction, previous) : ddimStep(prediction, undefined);
    previous = prediction;
  }
  return Math.abs(x.data[0] - spread(made.at(stop).at.alphaBar));
}

test("dpmSolverStep follows the exact path better than DDIM does, and at second order", () => {
  const coarse = schedule({ noiseSchedule: "linear", timestepRespacing: "ddim25" });
  const fine = schedule({ noiseSchedule: "linear", timestepRespacing: "ddim50" });
  expect(endError(coarse, 3, true)).toBeLessThan(endError(coarse, 3, false) / 2);
  const order = Math.log2(endError(coarse, 3, true) / endError(fine, 6, true));
  expect(order).toBeGreaterThan(1.5);
});

test("dpmSolverStep never weighs a prediction against another more than two to one, in whatever steps", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("ddim5", "ddim10", "ddim25", "ddim50", "10", "3,9", ""),
      fc.constantFrom("linear", "cosine"),
      (timestepRespacing, noiseSchedule) => {
        const made = schedule({ noiseSchedule: noiseSchedule as "linear" | "cosine", timestepRespacing });
        const steps = made.along(Array.from({ length: made.count }, (_, k) => made.count - 1 - k));
        const weights = steps.slice(1).map((step, k) => previousWeight(step, steps[k]));
        for (const weight of weights) expect(weight >= 0 && weight <= 1).toBe(true);
        expect(weights.at(-1)).toBe(0);
        if (made.count > 9) expect(weights.filter((weight) => weight > 0).length).toBeGreaterThan(made.count / 2);
      },
    ),
  );
});

test("dynamicThreshold brings every sample into range and leaves those alone that are", () => {
  fc.assert(
    fc.property(tensors(), fc.double({ min: 0, max: 1, noNaN: true }), (x0, percentile) => {
      const { data } = dynamicThreshold(x0, percentile);
      expect(data.every((value) => Math.abs(value) <= 1)).toBe(true);
    }),
  );
  const small = { dims: [1, 1, 1, 3], data: Float32Array.of(-1, 0.5, 0) };
  expect(dynamicThreshold(small, 1)).toEqual(small);
  const large = { dims: [1, 1, 1, 5], data: Float32Array.of(-4, 2, 1, 0, Number.NaN) };
  expect([...dynamicThreshold({ dims: [1, 1, 1, 3], data: Float32Array.of(-4, 2, 1) }, 0.5).data]).toEqual([
    -1, 1, 0.5,
  ]);
  expect(dynamicThreshold(large, 0.5).data[4]).toBeNaN();
});
