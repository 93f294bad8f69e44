/** Samplers of the library that are written as formulas, against the same steps in functions and against each other. */
import { expect, test } from "vitest";
import {
  add,
  ddimStep,
  dots,
  epsOf,
  map,
  philoxNoise,
  predict,
  predictionFromEps,
  type Schedule,
  type Step,
  scale,
  schedule,
  type Tensor,
  zip,
} from "../../diffusion/index.ts";
import { type SamplerName, samplerGraph } from "../../graphs/recipes/index.ts";
import type { NetworkFacts } from "../../nodes/index.ts";
import { unetFacts } from "../support/fake-context.ts";
import { largestDifference } from "../support/tensors.ts";
import { wiredValue } from "../support/wired-values.ts";

const facts: NetworkFacts = { ...unetFacts, learnSigma: false };
const dims = [2, 3, 4, 4];
const unlabelled = [10, 10];
const wanted = [1, 7];

/** An ε made up of x, the timestep and the label, so that a mistake in any of them shows. */
const network = ({ data }: Tensor, { modelT }: Step, labels: readonly number[]): Tensor => ({
  dims,
  data: data.map((value, i) => 0.7 * value + 0.3 * Math.sin(modelT + i * labels[Math.floor(i / 48)])),
});

const unet = async () => ({
  key: "unet",
  facts,
  predict: async (x: Tensor, step: Step, y?: readonly number[]) =>
    ({ out: network(x, step, y!), facts: { ...facts, batch: 2 }, step }) as never,
});

const x_T = philoxNoise({ seed: 0, dims }).draw(0);
const made: Schedule = schedule({ noiseSchedule: "cosine", diffusionSteps: 200, timestepRespacing: "ddim10" });

/** The picture that a library sampler ends with. */
const sampled = (name: SamplerName, set: Readonly<Record<string, unknown>> = {}): Promise<Tensor> =>
  wiredValue(
    (w) => {
      const model = w.add("guidegraph/load-unet", { file: "unet.pt" }).out("model");
      const process = { noise_schedule: "cosine", diffusion_steps: 200, timestep_respacing: "ddim10" };
      const own = w.add("guidegraph/diffusion-schedule", process).out("schedule");
      const labels = w.add("guidegraph/class-labels", { classes: "1,7" }).out("labels");
      const x = w.tensor(x_T, "x");
      const given = { schedule: own, x, model, labels, clip_denoised: false, ...set };
      const box = w.insert(samplerGraph(name), { name, version: 1 }, given as never);
      return w.add("guidegraph/scale", { tensor: box.out("x") }).out("tensor");
    },
    { unet },
  ) as Promise<Tensor>;

/** The loop in functions. */
function stepped(next: (x: Tensor, step: Step) => Tensor): Tensor {
  const indices = Array.from({ length: made.count }, (_, k) => made.count - 1 - k);
  return made.along(indices).reduce(next, x_T);
}

const plainDdim = (labels: readonly number[]) =>
  stepped((x, step) => ddimStep(predict(network(x, step, labels), x, step, { clipDenoised: false }), undefined));

const close = async (found: Promise<Tensor>, expected: Tensor) =>
  expect(largestDifference(await found, expected)).toBeLessThan(2e-4);

const fromEps = (eps: Tensor, x: Tensor, step: Step) =>
  predictionFromEps(eps, undefined, x, step, { clipDenoised: false });

test("CFG rescale without rescaling is classifier-free guidance, and with it has the labelled deviation", async () => {
  const guided = await sampled("classifier-free-ddim", { scale: 3 });
  await close(sampled("rescaled-ddim", { scale: 3, rescale: 0 }), guided);
  await close(sampled("rescaled-ddim", { scale: 1, rescale: 1 }), plainDdim(wanted));
  expect(largestDifference(await sampled("rescaled-ddim", { scale: 3, rescale: 1 }), guided)).toBeGreaterThan(0.01);
});

test("CFG++ goes from the unlabelled picture by the unlabelled noise", async () => {
  await close(sampled("cfg-plus-plus-ddim", { scale: 0 }), plainDdim(unlabelled));
  const expected = stepped((x, step) => {
    const [c, u] = [network(x, step, wanted), network(x, step, unlabelled)];
    const { x0 } = fromEps(
      zip(c, u, (c, u) => u + 0.6 * (c - u)),
      x,
      step,
    );
    const { alphaBarPrev } = step.at;
    return add(x0, u, Math.sqrt(alphaBarPrev), Math.sqrt(1 - alphaBarPrev));
  });
  await close(sampled("cfg-plus-plus-ddim", { scale: 0.6 }), expected);
});

test("CFG-Zero* fits the unlabelled ε to the labelled one first", async () => {
  const expected = stepped((x, step) => {
    const [c, u] = [network(x, step, wanted), network(x, step, unlabelled)];
    const fitted = scale(
      u,
      zip(dots(c, u), dots(u, u), (cu, uu) => cu / uu),
    );
    return ddimStep(
      fromEps(
        zip(c, fitted, (c, u) => u + 2 * (c - u)),
        x,
        step,
      ),
      undefined,
    );
  });
  await close(sampled("cfg-zero-ddim", { scale: 2 }), expected);
  await close(sampled("cfg-zero-ddim", { scale: 1 }), plainDdim(wanted));
});

test("projected guidance by 1 is the labelled prediction, and beyond it something else", async () => {
  const labelled = plainDdim(wanted);
  await close(sampled("projected-ddim", { scale: 1 }), labelled);
  expect(largestDifference(await sampled("projected-ddim", { scale: 4 }), labelled)).toBeGreaterThan(0.01);
});

test("PLMS is Adams and Bashforth's sum of as many predictions as there are", async () => {
  const past: Tensor[] = [];
  const expected = stepped((x, step) => {
    past.unshift(epsOf(predict(network(x, step, wanted), x, step, { clipDenoised: false })));
    const weights = [[1], [3 / 2, -1 / 2], [23, -16, 5].map((w) => w / 12), [55, -59, 37, -9].map((w) => w / 24)];
    const order = weights[Math.min(past.length, 4) - 1];
    const eps = order.reduce(
      (sum, w, i) => add(sum, past[i], 1, w),
      map(x, () => 0),
    );
    return ddimStep(fromEps(eps, x, step), undefined);
  });
  await close(sampled("plms"), expected);
});
