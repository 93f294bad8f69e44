/** Samplers of the library that begin with pictures, against the same steps in functions, gradients by hand. */
import { expect, test } from "vitest";
import {
  add,
  ddimStep,
  ddpmStep,
  lowPass,
  predict,
  qSample,
  renoise,
  type Step,
  separable,
  type Tensor,
  zip,
} from "../../diffusion/index.ts";
import { writeModel } from "../../onnx/index.ts";
import { modelsOf } from "../../runtime/index.ts";
import { randomTensor } from "../support/drawn.ts";
import { madeUp as network, rows, sampled, streamOf, wanted, x_T } from "../support/library.ts";
import { linearUnet, slopeOfEps } from "../support/linear-unet.ts";
import { memoryNetworks } from "../support/memory-networks.ts";
import { largestDifference } from "../support/tensors.ts";

const size = 3 * 4 * 4;
const known = randomTensor(11, x_T.dims);
/** Where the mask of `sampled` is white: the left half. */
const isWhite = (i: number): boolean => i % 4 < 2;
const masked = (white: Tensor, black: Tensor): Tensor => ({
  dims: white.dims,
  data: white.data.map((value, i) => (isWhite(i) ? value : black.data[i])),
});
const drawOf = (name: string, step: Step): Tensor => streamOf(name).draw(step.draw);
const ancestral = (x: Tensor, step: Step): Tensor =>
  ddpmStep(predict(network(x, step, wanted), x, step, { clipDenoised: false }), streamOf("noise"));

const down = (count: number): number[] => Array.from({ length: count }, (_, k) => count - 1 - k);
const along = (walk: readonly number[], next: (x: Tensor, step: Step) => Tensor, x = x_T): Tensor =>
  rows("10").along(walk).reduce(next, x);
const close = async (found: Promise<Tensor>, expected: Tensor) =>
  expect(largestDifference(await found, expected)).toBeLessThan(3e-4);

test("RePaint keeps what is known, as noisy as x, and goes back up by noise of its own", async () => {
  const walk = [9, 8, 7, 8, 7, 6, 5, 6, 5, 4, 3, 2, 1, 0];
  const expected = along(walk, (x, step) => {
    const { arrived, at } = step;
    const climbed = arrived === undefined ? x : renoise(x, drawOf("up", step), arrived, at);
    return ancestral(masked(climbed, qSample(known, drawOf("known", step), at)), step);
  });
  const found = sampled("repaint", { respacing: "10", order: walk.join(), tensors: { x0: known } });
  await close(found, masked(expected, known));
});

test("ILVR takes what is coarse from pictures that are as noisy", async () => {
  const low = (x: Tensor): Tensor => separable(x, lowPass(4, 2, "cubic"), lowPass(4, 2, "cubic"));
  const expected = along(down(10), (x, step) => {
    const [drawn, { alphaBarPrev }] = [ancestral(x, step), step.at];
    const real = add(known, drawOf("known", step), Math.sqrt(alphaBarPrev), Math.sqrt(1 - alphaBarPrev));
    return add(drawn, add(low(real), low(drawn), 1, -1));
  });
  await close(sampled("ilvr", { respacing: "10", set: { factor: 2 }, tensors: { y: known } }), expected);
});

test("DiffPure, and SDEdit alike, begins with the noise of its start", async () => {
  const eps = randomTensor(12, x_T.dims);
  const start = 6;
  const [first] = rows("10").along([start]);
  const expected = along(down(start + 1), ancestral, qSample(known, eps, first.at));
  await close(sampled("diffpure", { respacing: "10", x: known, set: { start }, tensors: { eps } }), expected);
});

const models = modelsOf(memoryNetworks(new Map([["unet.pt", await writeModel(linearUnet())]])));

/** What the linear UNet predicts at x. */
function at(x: Tensor, step: Step) {
  const [a, s] = [step.at.alphaBar, 1 - step.at.alphaBar].map(Math.sqrt);
  const eps = { dims: x.dims, data: x.data.map((value) => slopeOfEps * value + step.modelT / 1000) };
  const whole = zip(x, eps, (value, eps) => (value - s * eps) / a).data;
  const error = known.data.map((value, i) => (isWhite(i) ? value - Math.min(1, Math.max(-1, whole[i])) : 0));
  /** ∂x̂₀/∂x of each value. */
  const slopes = whole.map((value) => (Math.abs(value) < 1 ? (1 - s * slopeOfEps) / a : 0));
  return { a, error, slopes, prediction: predict(eps, x, step, { clipDenoised: true }) };
}

test("DPS takes the gradient of ‖y − x̂₀‖ through the UNet from each step of DDPM", async () => {
  const zeta = 0.7;
  const expected = along(down(10), (x, step) => {
    const { error, slopes, prediction } = at(x, step);
    const norms = [0, 1].map((n) => Math.hypot(...error.slice(n * size, (n + 1) * size)));
    const gradient = error.map((e, i) => (-e / norms[Math.floor(i / size)]) * slopes[i]);
    const drawn = ddpmStep(prediction, streamOf("noise"));
    return zip(drawn, { dims: x.dims, data: gradient }, (value, g) => value - zeta * g);
  });
  const found = sampled("dps-inpainting", {
    models,
    respacing: "10",
    set: { zeta, labels: undefined },
    tensors: { y: known },
  });
  await close(found, expected);
});

test("ΠGDM takes the error back through the UNet as a constant, from each step of DDIM", async () => {
  const [eta, weight] = [0.6, 0.8];
  const expected = along(down(10), (x, step) => {
    const { a, error, slopes, prediction } = at(x, step);
    const gradient = { dims: x.dims, data: error.map((e, i) => e * slopes[i]) };
    return add(ddimStep(prediction, streamOf("noise"), eta), gradient, 1, weight * a);
  });
  const found = sampled("pigdm-inpainting", {
    models,
    respacing: "10",
    set: { eta, weight, labels: undefined },
    tensors: { y: known },
  });
  await close(found, expected);
});
