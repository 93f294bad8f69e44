/** Samplers of the library that a reader of clean pictures guides, against their papers' equations in doubles, gradients by hand. */
import { expect, test } from "vitest";
import type { Noise, Step, Tensor } from "../../diffusion/index.ts";
import type { SamplerName } from "../../graphs/recipes/index.ts";
import { graphBuilder, type OnnxModel, writeModel } from "../../onnx/index.ts";
import { modelsOf } from "../../runtime/index.ts";
import { randomTensor } from "../support/drawn.ts";
import { rows, sampled, shown, streamOf, x_T } from "../support/library.ts";
import { linearUnet, slopeOfEps } from "../support/linear-unet.ts";
import { memoryNetworks } from "../support/memory-networks.ts";
import { largestDifference } from "../support/tensors.ts";

const size = 3 * 4 * 4;
const classes = 3;
/** Small, so that no softmax is so sure that its gradient is rounding alone. */
const weights = [...randomTensor(5, [size, classes]).data].map((weight) => weight / 8);

/** Logits that are linear in the picture. */
function reader(): OnnxModel {
  const op = graphBuilder();
  const x = op.Reshape(op.input("x", "float32", ["N", 3, 4, 4]), op.int64([-1, size]));
  op.output("logits", op.MatMul(x, op.float(weights, [size, classes])), "float32", ["N", classes]);
  return op.model("reader");
}

const models = modelsOf(
  memoryNetworks(
    new Map([
      ["unet.pt", await writeModel(linearUnet())],
      ["reader.onnx", await writeModel(reader())],
    ]),
  ),
);

type Values = readonly number[];
const valuesOf = ({ data }: Tensor): Values => [...data];
const combined = (...terms: readonly (readonly [number, Values])[]): Values =>
  terms[0][1].map((_, i) => terms.reduce((sum, [weight, values]) => sum + weight * values[i], 0));
const bySample = (values: Values): Values[] => [values.slice(0, size), values.slice(size)];

/** The label's log-probability, and its gradient by the picture. */
function judged(picture: Values, label: number): { readonly log: number; readonly gradient: Values } {
  const logits = Array.from({ length: classes }, (_, k) =>
    picture.reduce((sum, value, i) => sum + value * weights[i * classes + k], 0),
  );
  const total = Math.log(logits.reduce((sum, z) => sum + Math.exp(z), 0));
  const error = logits.map((z, k) => (k === label ? 1 : 0) - Math.exp(z - total));
  const gradient = picture.map((_, i) => error.reduce((sum, e, k) => sum + e * weights[i * classes + k], 0));
  return { log: logits[label] - total, gradient };
}
const gradientAt = (x0: Values): Values => bySample(x0).flatMap((one, n) => judged(one, shown[n]).gradient);

/** Each sample `length` times as long as that of ε, but for one that is nothing. */
const measured = (g: Values, eps: Values, length: number): Values =>
  bySample(g).flatMap((one, n) => {
    const factor = (length * Math.hypot(...bySample(eps)[n])) / (Math.hypot(...one) || 1);
    return one.map((value) => factor * value);
  });

/** What is known at a step: √ᾱ and √(1 − ᾱ), those where it leads, and what the network predicts at x, clipped. */
function at(x: Values, { at: { alphaBar, alphaBarPrev }, modelT }: Step) {
  const [a, s, aPrev, sPrev] = [alphaBar, 1 - alphaBar, alphaBarPrev, 1 - alphaBarPrev].map(Math.sqrt);
  const whole = x.map((x) => (x - s * (slopeOfEps * x + modelT / 1000)) / a);
  const x0 = whole.map((value) => Math.min(1, Math.max(-1, value)));
  const epsOf = (x0: Values): Values => combined([1 / s, x], [-a / s, x0]);
  const eps = epsOf(x0);
  const slopes = whole.map((value) => (Math.abs(value) < 1 ? (1 - s * slopeOfEps) / a : 0));
  return {
    ...{ x0, eps, a, s, aPrev, sPrev },
    throughUnet: (g: Values): Values => g.map((value, i) => slopes[i] * value),
    /** DDIM by an x₀. */
    along: (x0: Values): Values => combined([aPrev, x0], [sPrev, epsOf(x0)]),
    /** The same by a moved ε. */
    guided: (b: Values): Values => combined([1, x0], [s ** 2 / a, b]),
    /** How much of ε the step takes out of x. */
    ofEps: (aPrev / a) * s - sPrev,
  };
}

const climbed = (x0: Values, { eps, s }: ReturnType<typeof at>, length: number, times: number, shift?: Values) => {
  let moved = x0;
  for (let k = 0; k < times; k++)
    moved = combined(
      [1, moved],
      [s, measured(gradientAt(shift ? combined([1, moved], [1, shift]) : moved), eps, length)],
    );
  return moved;
};

type Next = (x: Values, step: Step, draws: (name: string) => Values) => Values;
interface Case {
  readonly set: Readonly<Record<string, number>>;
  readonly next: Next;
}

const freedom: Case = {
  set: { strength: 0.4 },
  next: (x, step) => {
    const now = at(x, step);
    const b = measured(now.throughUnet(gradientAt(now.x0)), now.eps, 0.4);
    return combined([1, now.along(now.x0)], [now.ofEps, b]);
  },
};

const universal = (iterations: number): Case => ({
  set: { strength: 0.4, backward: 0.07, iterations },
  next: (x, step) => {
    const now = at(x, step);
    const forward = now.guided(measured(now.throughUnet(gradientAt(now.x0)), now.eps, 0.4));
    const moved = climbed(now.x0, now, 0.07, iterations);
    return now.along(combined([1, forward], [1, moved], [-1, now.x0]));
  },
});

const monteCarlo = (count: number): Case => ({
  set: { strength: 0.4, count },
  next: (x, step, draws) => {
    const now = at(x, step);
    const z = draws("draws");
    const gradient = bySample(now.x0).flatMap((x0, n) => {
      const seen = Array.from({ length: count }, (_, k) => {
        const start = (n * count + k) * size;
        return judged(combined([1, x0], [now.s, z.slice(start, start + size)]), shown[n]);
      });
      const total = seen.reduce((sum, { log }) => sum + Math.exp(log), 0);
      return combined(...seen.map(({ log, gradient }) => [Math.exp(log) / total, gradient] as const));
    });
    return now.along(now.guided(measured(now.throughUnet(gradient), now.eps, 0.4)));
  },
});

const manifold: Case = {
  set: { strength: 0.2 },
  next: (x, step) => {
    const now = at(x, step);
    const moved = climbed(now.x0, now, 0.2, 1).map((value) => Math.min(1, Math.max(-1, value)));
    return combined([now.aPrev, moved], [now.sPrev, now.eps]);
  },
};

const unified = (iterations: number): Case => ({
  set: { rho: 0.3, mu: 0.06, smooth: 0.5, iterations },
  next: (x, step, draws) => {
    const now = at(x, step);
    const shift = combined([0.5 * now.s, draws("draws")]);
    const b = measured(now.throughUnet(gradientAt(combined([1, now.x0], [1, shift]))), now.eps, 0.3);
    const moved = climbed(now.x0, now, 0.06, iterations, shift);
    return combined([1, now.along(now.x0)], [now.ofEps, b], [now.aPrev, moved], [-now.aPrev, now.x0]);
  },
});

/** Down, in places twice. */
const again = [9, 8, 8, 7, 6, 5, 5, 4, 3, 2, 1, 0];
const down = Array.from({ length: 10 }, (_, k) => 9 - k);

const cases: readonly (readonly [SamplerName, Case, readonly number[]])[] = [
  ["freedom-ddim", freedom, again],
  ["universal-ddim", universal(0), again],
  ["universal-ddim", universal(3), again],
  ["lgd-mc-ddim", monteCarlo(3), down],
  ["mpgd-ddim", manifold, down],
  ["tfg-ddim", unified(1), again],
  // More often than the schedule has rows.
  ["tfg-ddim", unified(12), again],
];

test.each(cases)("%s is what its paper says (%o)", async (name, { set, next }, walk) => {
  const noises = new Map<string, Noise>(["again", "draws"].map((one) => [one, streamOf(one, set.count)]));
  const expected = rows("lambda10")
    .along(walk)
    .reduce((x: Values, step) => {
      const drawn = (one: string): Values => valuesOf(noises.get(one)!.draw(step.draw));
      const { arrived, at } = step;
      const kept = arrived === undefined ? 1 : at.alphaBar / arrived;
      const climbed = kept === 1 ? x : combined([Math.sqrt(kept), x], [Math.sqrt(1 - kept), drawn("again")]);
      return next(climbed, step, drawn);
    }, valuesOf(x_T));
  const found = await sampled(name, { models, respacing: "lambda10", order: walk.join(), set });
  const wanted = { dims: x_T.dims, data: Float32Array.from(expected) };
  expect(largestDifference(found, wanted)).toBeLessThan(5e-4);
});
