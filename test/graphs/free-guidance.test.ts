/** Samplers of the library that guide without a classifier, against the same steps in functions and against each other. */
import { expect, test } from "vitest";
import {
  add,
  ddimStep,
  dots,
  map,
  predict,
  predictionFromEps,
  type Step,
  scale,
  type Tensor,
  zip,
} from "../../diffusion/index.ts";
import { type EpsNetwork, madeUp as network, rows, sampled, unlabelled, wanted, x_T } from "../support/library.ts";
import { largestDifference } from "../support/tensors.ts";

/** The loop in functions. */
function stepped(next: (x: Tensor, step: Step) => Tensor): Tensor {
  const made = rows("ddim10");
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
  const guided = await sampled("classifier-free-ddim", { set: { scale: 3 } });
  await close(sampled("rescaled-ddim", { set: { scale: 3, rescale: 0 } }), guided);
  await close(sampled("rescaled-ddim", { set: { scale: 1, rescale: 1 } }), plainDdim(wanted));
  expect(largestDifference(await sampled("rescaled-ddim", { set: { scale: 3, rescale: 1 } }), guided)).toBeGreaterThan(
    0.01,
  );
});

test("CFG++ goes from the unlabelled picture by the unlabelled noise", async () => {
  await close(sampled("cfg-plus-plus-ddim", { set: { scale: 0 } }), plainDdim(unlabelled));
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
  await close(sampled("cfg-plus-plus-ddim", { set: { scale: 0.6 } }), expected);
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
  await close(sampled("cfg-zero-ddim", { set: { scale: 2 } }), expected);
  await close(sampled("cfg-zero-ddim", { set: { scale: 1 } }), plainDdim(wanted));
});

test("projected guidance by 1 is the labelled prediction, and beyond it something else", async () => {
  const labelled = plainDdim(wanted);
  await close(sampled("projected-ddim", { set: { scale: 1 } }), labelled);
  expect(largestDifference(await sampled("projected-ddim", { set: { scale: 4 } }), labelled)).toBeGreaterThan(0.01);
});

test("autoguidance by 1 asks for nothing of the weak network, and beyond it goes away from that", async () => {
  const weak: EpsNetwork = (x, step, labels) => map(network(x, step, labels), (eps) => 0.8 * eps + 0.1);
  await close(sampled("autoguided-ddim", { weak, set: { scale: 1 } }), plainDdim(wanted));
  const expected = stepped((x, step) => {
    const [strong, poor] = [network(x, step, wanted), weak(x, step, wanted)];
    return ddimStep(fromEps(add(poor, strong, -1, 2), x, step), undefined);
  });
  await close(sampled("autoguided-ddim", { weak, set: { scale: 2 } }), expected);
});
