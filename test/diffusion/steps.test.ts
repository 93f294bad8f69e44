/** Single steps of the reference's runs: from the stored network outputs and gradients to the stored next x. */
import { describe, expect, test } from "vitest";
import {
  conditionMean,
  conditionScore,
  ddimStep,
  ddpmStep,
  decode,
  predict,
  type Schedule,
  schedule,
  type Tensor,
  torchNoise,
} from "../../diffusion/index.ts";
import { type GoldenCase, golden, relativeError, scheduleOf } from "../support/golden.ts";
import { tensorOf } from "../support/npz.ts";

const cases = [
  "ddim_eta_linear_uncond",
  "ddpm_fixed_sigma_xstart",
  "guided_ddim_cosine",
  "guided_ddpm_cosine",
  "guided_fixed_large",
  "guided_uncond_legacy_file",
  "superres",
];

/** The reference's `p_sample` or `ddim_sample` at one index, without the networks. */
function sample(flags: GoldenCase, made: Schedule, index: number, x: Tensor, out: Tensor, gradient?: Tensor): Tensor {
  const step = made.at(index);
  const noise = torchNoise({ seed: flags.seed, dims: x.dims });
  const prediction = predict(out, x, step, {
    predicts: flags.model.predict_xstart ? "x0" : "eps",
    learnSigma: flags.model.learn_sigma ?? false,
    clipDenoised: flags.clip_denoised ?? true,
  });
  if (flags.use_ddim)
    return ddimStep(gradient ? conditionScore(prediction, gradient) : prediction, noise, flags.eta ?? 0);
  return ddpmStep(gradient ? conditionMean(prediction, gradient) : prediction, noise);
}

describe("one step meets the reference's", () => {
  for (const name of cases) {
    const { flags, expected } = golden(name);
    const made = schedule(scheduleOf(flags));
    const { x_T, steps_x, model_out0, model_out_last, grad0, grad_last, final, arr_0 } = expected;

    test(`first of ${name}`, () => {
      const gradient = grad0 && tensorOf(grad0);
      const next = sample(flags, made, made.count - 1, tensorOf(x_T), tensorOf(model_out0), gradient);
      expect(relativeError(next.data, tensorOf(steps_x, 0).data)).toBeLessThan(3e-5);
    });

    test(`last of ${name}`, () => {
      const gradient = grad_last && tensorOf(grad_last);
      const next = sample(flags, made, 0, tensorOf(steps_x, -2), tensorOf(model_out_last), gradient);
      expect(relativeError(next.data, tensorOf(final).data)).toBeLessThan(3e-5);
    });

    test(`decoding of ${name}`, () => {
      const pictures = decode(tensorOf(final));
      expect(pictures.dims).toEqual(arr_0.dims);
      expect(pictures.data).toEqual(arr_0.data);
    });
  }
});
