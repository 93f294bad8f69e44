/** Steps at the ends of what a process can be: of one step, of every step, noise alone at its end, taken twice, up, between rows. */
import { expect, test } from "vitest";
import {
  conditionScore,
  ddimReverseStep,
  ddimStep,
  ddpmStep,
  dpmSolverStep,
  type Prediction,
  philoxNoise,
  predict,
  renoise,
  type Schedule,
  type ScheduleOptions,
  type Step,
  schedule,
  type Tensor,
} from "../../diffusion/index.ts";

const dims = [1, 1, 2, 2];
const noise = philoxNoise({ seed: 3, dims });
const x = noise.draw(0);
/** x₀, and a variance at the ends of its range and in between. */
const output: Tensor = { dims: [1, 2, 2, 2], data: Float32Array.of(0.5, -0.25, 0.75, -1, -1, 1, 0, 0.3) };

const noiseAlone: ScheduleOptions = { noiseSchedule: "linear", diffusionSteps: 20 };
const processes: Readonly<Record<string, ScheduleOptions>> = {
  "of one step": { diffusionSteps: 1000, timestepRespacing: "1" },
  "whose process has one step": { noiseSchedule: "cosine", diffusionSteps: 1 },
  "of two steps": { diffusionSteps: 1000, timestepRespacing: "2" },
  "of three by λ": { noiseSchedule: "cosine", timestepRespacing: "lambda3" },
  "of one by Karras": { noiseSchedule: "cosine", timestepRespacing: "karras1" },
  "of sections, one of them empty": { timestepRespacing: "4,0,5" },
  "of all steps": { diffusionSteps: 40 },
  "of as many by noise as there are": { diffusionSteps: 40, noiseSchedule: "cosine", timestepRespacing: "karras40" },
  "of as many by λ as there are": { diffusionSteps: 40, timestepRespacing: "lambda40" },
  "that ends in noise alone": noiseAlone,
  "that ends in noise alone, rescaled": { ...noiseAlone, timestepRespacing: "5", rescaleTimesteps: true },
};

const walks: Readonly<Record<string, (last: number) => readonly number[]>> = {
  down: (last) => Array.from({ length: last + 1 }, (_, k) => last - k),
  up: (last) => Array.from({ length: last + 1 }, (_, k) => k),
  "each twice": (last) => Array.from({ length: 2 * (last + 1) }, (_, k) => last - (k >> 1)),
  "to x₀ at once": (last) => [last, -1],
  "to x₀ and back": (last) => [last, -1, last, 0],
  "between rows": (last) => [last, last / 2, last / 3],
  "always the same": (last) => [last, last, last],
};

/** Of each kind of step what leaves it. */
function taken(prediction: Prediction, before: Prediction | undefined): Readonly<Record<string, Tensor>> {
  const { step } = prediction;
  return {
    ...Object.fromEntries([0, 0.5, 1].map((eta) => [`DDIM, eta ${eta}`, ddimStep(prediction, noise, eta)])),
    ...Object.fromEntries([0, 0.5, 1].map((eta) => [`2M, eta ${eta}`, dpmSolverStep(prediction, before, noise, eta)])),
    DDPM: ddpmStep(prediction, noise),
    "DDIM, reversed": ddimReverseStep(prediction),
    mean: prediction.mean,
    variance: prediction.variance,
    "its logarithm": prediction.logVariance,
    ...(step.arrived !== undefined && { renoised: renoise(prediction.x, x, step.arrived, step.at) }),
  };
}

const isSound = ({ data }: Tensor): boolean => data.every(Number.isFinite);

function check(made: Schedule, steps: readonly Step[], learnSigma: boolean, told: string): void {
  let before: Prediction | undefined;
  for (const step of steps) {
    const where = `${told}, index ${step.index} of ${made.count}`;
    expect([step.t, step.modelT, step.at.beta].every(Number.isFinite), where).toBe(true);
    const prediction = predict(output, x, step, { predicts: "x0", learnSigma });
    for (const [name, left] of Object.entries(taken(prediction, before)))
      if (name !== "its logarithm" || learnSigma) expect(isSound(left), `${name}, ${where}`).toBe(true);
    if (step.earlier === undefined) {
      // What leads to x₀ is x₀, and nothing is drawn.
      for (const next of [ddimStep(prediction, noise, 1), dpmSolverStep(prediction, before, noise, 1)])
        for (const [i, value] of next.data.entries()) expect(value, where).toBeCloseTo(prediction.x0.data[i], 5);
    }
    before = prediction;
  }
}

test.each(Object.entries(processes))(
  "a schedule %s has steps that lead to finite values, whichever way",
  (_, options) => {
    for (const sigmaSmall of [false, true]) {
      const made = schedule({ ...options, sigmaSmall });
      for (const [i, t] of made.timesteps.entries())
        expect(i === 0 || t > made.timesteps[i - 1], `row ${i}`).toBe(true);
      for (const [name, walk] of Object.entries(walks))
        for (const learnSigma of [true, false]) check(made, made.along(walk(made.count - 1)), learnSigma, name);
    }
  },
);

test("of noise alone ε tells nothing, and says so where it is asked", () => {
  const made = schedule(noiseAlone);
  const last = made.at(made.count - 1);
  expect(last.at.alphaBar).toBe(0);
  expect(() => predict(output, x, last, { predicts: "eps", learnSigma: true })).toThrow(/ᾱ is 0: .* leave it out/);
  const prediction = predict(output, x, last, { predicts: "x0", learnSigma: true });
  expect(() => conditionScore(prediction, x)).toThrow(/cannot be guided by its score/);
  expect(isSound(predict(output, x, made.at(made.count - 2), { predicts: "eps", learnSigma: true }).x0)).toBe(true);
});
