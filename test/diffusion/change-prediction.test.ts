import { expect, test } from "vitest";
import { changePrediction, ddimStep, ddpmStep, epsOf, philoxNoise, predict, schedule } from "../../diffusion/index.ts";
import { largestDifference } from "../support/tensors.ts";

const step = schedule({ noiseSchedule: "cosine", timestepRespacing: "10" }).at(5);
const dims = [2, 3, 4, 4];
const noise = philoxNoise({ seed: 4, dims });
const [x, other] = [noise.draw(0), noise.draw(1)];
const out = philoxNoise({ seed: 5, dims: [2, 6, 4, 4] }).draw(0);
const prediction = predict(out, x, step, { predicts: "eps", learnSigma: true, clipDenoised: false });

test("what is put in is what comes out, and the rest follows from it", () => {
  const same = changePrediction(prediction, { x0: prediction.x0, variance: prediction.variance });
  expect(same.mean).toEqual(prediction.mean);
  expect(largestDifference(same.logVariance, prediction.logVariance)).toBeLessThan(1e-5);
  const byEps = changePrediction(prediction, { eps: other });
  expect(largestDifference(epsOf(byEps), other)).toBeLessThan(1e-5);
  const byX0 = changePrediction(prediction, { x0: byEps.x0 });
  expect([byX0.mean, ddimStep(byX0, undefined)]).toEqual([byEps.mean, ddimStep(byEps, undefined)]);
  expect(byEps.conditioned).toBe("no");
});

test("a mean alone moves the ancestral step alone, and says so", () => {
  const moved = changePrediction(prediction, { mean: other, variance: { dims, data: new Float32Array(96) } });
  expect(moved).toMatchObject({ conditioned: "mean", x0: prediction.x0 });
  expect(ddpmStep(moved, noise)).toEqual(other);
  expect(moved.logVariance.data[0]).toBeCloseTo(-126 * Math.LN2, 4);
});

test("a variance below 0 is refused", () => {
  const variance = { dims, data: new Float32Array(96).fill(-1) };
  expect(() => changePrediction(prediction, { variance })).toThrow("below 0");
});
