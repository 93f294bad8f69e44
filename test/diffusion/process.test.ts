/** What the formulas of a step owe each other, whatever the numbers. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  classifierFree,
  clip,
  conditionMean,
  conditionScore,
  ddimReverseStep,
  ddimStep,
  ddpmStep,
  epsFromX0,
  epsOf,
  type Noise,
  philoxNoise,
  posteriorMean,
  predict,
  predictionFromEps,
  qSample,
  renoise,
  schedule,
  type Tensor,
  x0FromEps,
  zeros,
} from "../../diffusion/index.ts";
import { largestDifference, tensors } from "../support/tensors.ts";

const dims = [2, 3, 2, 2];
const cosine = schedule({ noiseSchedule: "cosine", timestepRespacing: "50" });
const steps = fc.integer({ min: 1, max: 48 }).map((index) => cosine.at(index));
const noise: Noise = philoxNoise({ seed: 1, dims });
const scaled = (x: Tensor, s: number): Tensor => ({ dims: x.dims, data: x.data.map((x) => s * x) });

describe("the forward process", () => {
  test("x₀, ε and xₜ determine each other", () => {
    fc.assert(
      fc.property(tensors(), tensors(), steps, (x0, eps, { at }) => {
        const xt = qSample(x0, eps, at);
        const worst = 1e-6 / Math.sqrt(at.alphaBar) / Math.sqrt(1 - at.alphaBar);
        expect(largestDifference(x0FromEps(eps, xt, at), x0)).toBeLessThan(4 * worst);
        expect(largestDifference(epsFromX0(x0, xt, at), eps)).toBeLessThan(4 * worst);
      }),
    );
  });

  test("noise added in two goes is noise of the whole", () => {
    fc.assert(
      fc.property(tensors(), steps, (x0, { at, earlier }) => {
        const signal = scaled(x0, Math.sqrt(earlier!.at.alphaBar));
        const moved = renoise(signal, zeros(dims), earlier!.at.alphaBar, at);
        expect(largestDifference(moved, scaled(x0, Math.sqrt(at.alphaBar)))).toBeLessThan(1e-6);
        const spread = renoise(zeros(dims), x0, earlier!.at.alphaBar, at); // variances add up
        const variance = 1 - at.alphaBar - ((1 - earlier!.at.alphaBar) * at.alphaBar) / earlier!.at.alphaBar;
        expect(largestDifference(spread, scaled(x0, Math.sqrt(variance)))).toBeLessThan(1e-5);
      }),
    );
  });

  test("the posterior mean of a noiseless xₜ lies on the way to x₀", () => {
    fc.assert(
      fc.property(tensors(), steps, (x0, { at }) => {
        const mean = posteriorMean(x0, scaled(x0, Math.sqrt(at.alphaBar)), at);
        expect(largestDifference(mean, scaled(x0, Math.sqrt(at.alphaBarPrev)))).toBeLessThan(2e-6);
      }),
    );
  });
});

describe("DDIM", () => {
  test("without clip or noise keeps ε, so that the reverse step undoes it", () => {
    fc.assert(
      fc.property(tensors(), tensors(), steps, (x, eps, step) => {
        const down = predictionFromEps(eps, zeros(dims), x, step, { clipDenoised: false });
        const lower = ddimStep(down, undefined);
        const up = predictionFromEps(eps, zeros(dims), lower, step.earlier!, { clipDenoised: false });
        expect(largestDifference(ddimReverseStep(up), x)).toBeLessThan(2e-5);
      }),
    );
  });

  test("with eta 1 adds exactly the posterior's variance", () => {
    fc.assert(
      fc.property(tensors(), tensors(), steps, (x, eps, step) => {
        const prediction = predictionFromEps(eps, zeros(dims), x, step);
        const difference = {
          dims,
          data: ddimStep(prediction, noise, 1).data.map((v, i) => v - prediction.mean.data[i]),
        };
        const sigma = Math.sqrt(step.at.posteriorVariance);
        expect(largestDifference(difference, scaled(noise.draw(step.draw), sigma))).toBeLessThan(1e-5);
      }),
    );
  });

  test("needs noise only where eta is above 0", () => {
    const prediction = predict(zeros(dims), noise.draw(0), cosine.at(5));
    expect(() => ddimStep(prediction, undefined, 0.5)).toThrow(TypeError);
    expect(ddimStep(prediction, undefined, 0)).toEqual(ddimStep(prediction, noise, 0));
  });
});

describe("the last step", () => {
  const prediction = predict(noise.draw(1), noise.draw(0), cosine.at(0), { clipDenoised: false });
  test("of DDPM is the mean", () => expect(ddpmStep(prediction, noise)).toEqual(prediction.mean));
  test("of DDIM is x₀", () =>
    expect(largestDifference(ddimStep(prediction, noise, 1), prediction.x0)).toBeLessThan(1e-6));
});

describe("guidance", () => {
  test("of the score moves ε by √(1 − ᾱ)·g and keeps the new x₀ unclipped", () => {
    fc.assert(
      fc.property(tensors(), tensors(), tensors(), steps, (x, out, g, step) => {
        const before = predict(out, x, step);
        const after = conditionScore(before, g);
        const moved = { dims, data: epsOf(before).data.map((e, i) => e - Math.sqrt(1 - step.at.alphaBar) * g.data[i]) };
        const size = 1 / Math.sqrt(1 / step.at.alphaBar - 1);
        expect(largestDifference(epsOf(after), moved)).toBeLessThan(1e-5 * (1 + size));
        expect(after.mean).toEqual(posteriorMean(after.x0, x, step.at));
        expect(after.conditioned).toBe("score");
      }),
    );
  });

  test("of the mean leaves x₀ alone and says so", () => {
    const before = predict(noise.draw(1), noise.draw(0), cosine.at(20));
    const after = conditionMean(before, noise.draw(2));
    expect(after.x0).toBe(before.x0);
    expect(after.conditioned).toBe("mean");
  });

  test("by zero changes nothing", () => {
    const before = predict(noise.draw(1), noise.draw(0), cosine.at(20));
    expect(conditionMean(before, zeros(dims)).mean).toEqual(before.mean);
    expect(conditionScore(before, zeros(dims)).x0).toEqual(before.x0);
  });

  test("classifierFree guides the first channels and keeps the conditional variance", () => {
    fc.assert(
      fc.property(tensors([2, 6, 2, 2]), tensors([2, 3, 2, 2]), fc.constantFrom(0, 1, 2.5), (c, u, s) => {
        const { data } = classifierFree(c, u, 3, s);
        for (let n = 0; n < 2; n++)
          for (let k = 0; k < 24; k++) {
            const wanted =
              k < 12 ? u.data[n * 12 + k] + s * (c.data[n * 24 + k] - u.data[n * 12 + k]) : c.data[n * 24 + k];
            expect(data[n * 24 + k]).toBe(Math.fround(wanted));
          }
      }),
    );
  });
});

describe("clip", () => {
  test("does not hide what is not a number", () => {
    const { data } = clip({ dims: [4], data: Float32Array.of(Number.NaN, 2, -2, 0.5) });
    expect([...data]).toEqual([Number.NaN, 1, -1, 0.5]);
  });
});

test("learned variance lies between the posterior's and β", () => {
  const step = cosine.at(20);
  const variance = (v: number) => {
    const out = { dims: [1, 6, 1, 1], data: Float32Array.of(0, 0, 0, v, v, v) };
    return predict(out, zeros([1, 3, 1, 1]), step, { learnSigma: true }).variance.data[0];
  };
  expect(variance(-1)).toBeCloseTo(step.at.posteriorVariance, 7);
  expect(variance(1)).toBeCloseTo(step.at.beta, 7);
  expect(variance(0)).toBeCloseTo(Math.sqrt(step.at.beta * step.at.posteriorVariance), 7);
});

test("an output without variance channels is refused where sigma is learned", () =>
  expect(() => predict(zeros(dims), zeros(dims), cosine.at(3), { learnSigma: true })).toThrow(RangeError));

test("tensors of different shapes are refused with both", () =>
  expect(() => qSample(zeros([1, 3, 2, 2]), zeros([2, 3, 2, 2]), cosine.at(3).at)).toThrow("1×3×2×2 and 2×3×2×2"));
