/** Solvers of the library against their papers' equations in doubles, and against a path that is known. */
import { Matrix, solve } from "ml-matrix";
import { expect, test } from "vitest";
import { previousWeight, type Schedule, type Step, type Tensor } from "../../diffusion/index.ts";
import type { SamplerName } from "../../graphs/recipes/index.ts";
import { type EpsNetwork, madeUp, rows, sampled, streamOf, wanted, x_T } from "../support/library.ts";
import { largestDifference } from "../support/tensors.ts";

/** α, σ and λ of a level. */
const level = (alphaBar: number) => {
  const [alpha, sigma] = [Math.sqrt(alphaBar), Math.sqrt(1 - alphaBar)];
  return { alpha, sigma, lambda: Math.log(alpha / sigma) };
};
type Level = ReturnType<typeof level>;

/** Whether a step is less noisy than the one before, whose predictions it can go on from. */
const isLater = (step: Step, before: Step): boolean => step.at.alphaBar > before.at.alphaBar;

const walk = (made: Schedule): Step[] => made.along(Array.from({ length: made.count }, (_, k) => made.count - 1 - k));
const combined = (...terms: readonly (readonly [number, readonly number[]])[]): number[] =>
  terms[0][1].map((_, i) => terms.reduce((sum, [weight, values]) => sum + weight * values[i], 0));
const tensorOf = (data: readonly number[]): Tensor => ({ dims: x_T.dims, data: Float32Array.from(data) });
const epsAt = (x: readonly number[], step: Step): number[] => [...madeUp(tensorOf(x), step, wanted).data];
const x0At = (x: readonly number[], step: Step): number[] => {
  const { alpha, sigma } = level(step.at.alphaBar);
  return combined([1 / alpha, x], [-sigma / alpha, epsAt(x, step)]);
};

/** From s to t as if x₀ were D all the way: exact where it is. */
const along = (x: readonly number[], d: readonly number[], s: Level, t: Level): number[] =>
  combined([t.sigma / s.sigma, x], [t.alpha * (1 - Math.exp(s.lambda - t.lambda)), d]);

/** Each from the steps to the picture. */
const references: Readonly<Record<string, (steps: readonly Step[], made: Schedule) => number[]>> = {
  plms: (steps) => {
    let past: number[][] = [];
    return steps.reduce(
      (x, step, k) => {
        if (k > 0 && !isLater(step, steps[k - 1])) past = [];
        past.unshift(epsAt(x, step));
        const weights = [[1], [3 / 2, -1 / 2], [23, -16, 5].map((w) => w / 12), [55, -59, 37, -9].map((w) => w / 24)];
        const eps = combined(...weights[Math.min(past.length, 4) - 1].map((w, i) => [w, past[i]] as const));
        return ddim(x, eps, step);
      },
      [...x_T.data],
    );
  },

  // arXiv:2211.01095, algorithm 2.
  "dpm-solver-2m": (steps) => {
    let before: { readonly x0: readonly number[]; readonly step: Step } | undefined;
    return steps.reduce(
      (x, step) => {
        const x0 = x0At(x, step);
        const weight = before ? previousWeight(step, before.step) : 0;
        const d = before ? combined([1 + weight, x0], [-weight, before.x0]) : x0;
        before = { x0, step };
        return along(x, d, level(step.at.alphaBar), level(step.at.alphaBarPrev));
      },
      [...x_T.data],
    );
  },

  // arXiv:2211.01095, algorithm 1 with r = 1/2.
  "dpm-solver-2s": (steps, made) =>
    steps.reduce(
      (x, step) => {
        const [t, end] = [level(step.at.alphaBar), level(step.at.alphaBarPrev)];
        if (!step.earlier) return along(x, x0At(x, step), t, end);
        const middle = made.at(made.indexOf("lambda", (t.lambda + end.lambda) / 2));
        const u = along(x, x0At(x, step), t, level(middle.at.alphaBar));
        return along(x, x0At(u, middle), t, end);
      },
      [...x_T.data],
    ),

  // arXiv:2206.00364, algorithm 1: x/α moves by ε as σ/α does.
  heun: (steps) => steps.reduce(heunStep, [...x_T.data]),

  unipc,
};

function heunStep(x: readonly number[], step: Step): number[] {
  const eps = epsAt(x, step);
  const euler = ddim(x, eps, step);
  return step.earlier ? ddim(x, combined([1 / 2, eps], [1 / 2, epsAt(euler, step.earlier)]), step) : euler;
}

const ddim = (x: readonly number[], eps: readonly number[], { at }: Step): number[] => {
  const [t, end] = [level(at.alphaBar), level(at.alphaBarPrev)];
  return combined([end.alpha / t.alpha, x], [end.sigma - (end.alpha * t.sigma) / t.alpha, eps]);
};

/** φ₁(h) = (eʰ − 1)/h, φₖ₊₁(h) = (φₖ(h) − 1/k!)/h. */
const phi = (k: number, h: number): number =>
  k === 1 ? Math.expm1(h) / h : (phi(k - 1, h) - 1 / factorial(k - 1)) / h;
const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));

/**
 * ρ of arXiv:2302.04867 with B(h) = eʰ − 1: Σ_m ρ_m · r_mⁿ⁻¹ = h · n! · φₙ₊₁(h) / B(h) for n = 1 … p. That of one difference alone
 * is 1/2, which the paper may choose, since it need solve this up to O(h) only.
 */
function weights(r: readonly number[], h: number): number[] {
  if (r.length === 1) return [1 / 2];
  const powers = new Matrix(r.map((_, n) => r.map((r) => r ** n)));
  const right = r.map((_, n) => (h * factorial(n + 1) * phi(n + 2, h)) / Math.expm1(h));
  return solve(powers, Matrix.columnVector(right)).to1DArray();
}

/**
 * UniPC-2 of arXiv:2302.04867 that predicts data, where −h takes the place of h; it predicts by first order to x₀, and where a step
 * is more than twice as long as the one before, as DPM-Solver Step does.
 */
function unipc(steps: readonly Step[]): number[] {
  let past: { readonly at: Level; readonly x: readonly number[]; readonly x0: readonly number[] }[] = [];
  /** From the newest of the past to `to`, by x₀ that are known at those levels. */
  const moved = (to: Level, known: readonly { readonly at: Level; readonly x0: readonly number[] }[]): number[] => {
    const [{ at, x, x0 }] = past;
    const h = to.lambda - at.lambda;
    const r = known.map((one) => (one.at.lambda - at.lambda) / h);
    const rho = weights(r, -h);
    const terms = known.map((one, m) => [rho[m] / r[m], combined([1, one.x0], [-1, x0])] as const);
    return along(x, combined([1, x0], ...terms), at, to);
  };
  return steps.reduce(
    (arriving, step, k) => {
      if (k > 0 && !isLater(step, steps[k - 1])) past = [];
      const [at, end] = [level(step.at.alphaBar), level(step.at.alphaBarPrev)];
      const x0 = x0At(arriving, step);
      const x = past.length > 0 ? moved(at, [...past.slice(1, 2), { at, x0 }]) : arriving;
      past.unshift({ at, x, x0 });
      const before = past.slice(1, 2);
      const isFar = before.some((one) => end.lambda - at.lambda > 2 * (at.lambda - one.at.lambda));
      return moved(end, step.earlier && !isFar ? before : []);
    },
    [...x_T.data],
  );
}

test.each(Object.keys(references) as SamplerName[])("%s is what its paper says", async (name) => {
  for (const respacing of ["ddim10", "lambda10"]) {
    const made = rows(respacing);
    const expected = tensorOf(references[name](walk(made), made));
    expect(largestDifference(await sampled(name, { respacing }), expected), respacing).toBeLessThan(2e-4);
  }
});

/** Orders that climb, stay, leave rows out, lie between them, or end elsewhere than at x₀. */
const ways: Readonly<Record<string, readonly number[]>> = {
  "9..5, 7..0": [9, 8, 7, 6, 5, 7, 6, 5, 4, 3, 2, 1, 0],
  "9..6x2, 5..0": [9, 9, 8, 8, 7, 7, 6, 6, 5, 4, 3, 2, 1, 0],
  "9..7*2, 6..2": [9, 8, 7, 9, 8, 7, 6, 5, 4, 3, 2],
  "9.0, 6.5, 3.25, 0.5, x0": [9, 6.5, 3.25, 0.5, -1],
  "9, 4, x0, 7, 2, x0": [9, 4, -1, 7, 2, -1],
  "6..8": [6, 7, 8],
  "4": [4],
};

test.each(Object.keys(references) as SamplerName[])("%s is what its paper says, whichever way", async (name) => {
  const made = rows("ddim10");
  for (const [order, indices] of Object.entries(ways)) {
    const expected = tensorOf(references[name](made.along(indices), made));
    const scale = Math.max(1, ...expected.data.map(Math.abs));
    expect(largestDifference(await sampled(name, { order }), expected), order).toBeLessThan(2e-4 * scale);
  }
});

const drawn = (stream: string, { draw }: Step): number[] => [...streamOf(stream).draw(draw).data];

/** By the parameters that they are set to, and the way that is gone. */
const random: Readonly<Record<string, { readonly next: Next; readonly set?: object; readonly order?: string }>> = {
  // arXiv:2211.01095, SDE-DPM-Solver++(2M).
  "dpm-solver-2m": {
    set: { eta: 1 },
    next: (x, step, before) => {
      const [t, end] = [level(step.at.alphaBar), level(step.at.alphaBarPrev)];
      const x0 = x0At(x, step);
      const weight = before ? previousWeight(step, before.step) : 0;
      const d = before ? combined([1 + weight, x0], [-weight, x0At(before.x, before.step)]) : x0;
      const kept = Math.exp(t.lambda - end.lambda); // 0 in the last step
      return combined(
        [(end.sigma / t.sigma) * kept, x],
        [end.alpha * (1 - kept ** 2), d],
        [end.sigma * Math.sqrt(1 - kept ** 2), drawn("noise", step)],
      );
    },
  },
  // arXiv:2206.00364, algorithm 2, in its own x, which is x/α here.
  "churned-heun": {
    set: { s_churn: 3, s_tmin: 0.1, s_tmax: 20, s_noise: 1.1 },
    next: (x, step, _, made) => {
      const ratio = (alphaBar: number) => Math.sqrt(1 / alphaBar - 1);
      const [t, end] = [ratio(step.at.alphaBar), ratio(step.at.alphaBarPrev)];
      const isChurned = t >= 0.1 && t <= 20;
      const hat = Math.min(ratio(made.at(made.count - 1).at.alphaBar), isChurned ? t * (1 + 3 / made.count) : t);
      const slope = (y: readonly number[], at: Step) =>
        epsAt(
          y.map((y) => y / Math.hypot(1, ratio(at.at.alphaBar))),
          at,
        );
      const y = combined([Math.hypot(1, t), x], [Math.sqrt(hat ** 2 - t ** 2) * 1.1, drawn("noise", step)]);
      const d = slope(y, made.at(made.indexOf("noise_level", hat)));
      const euler = combined([1, y], [end - hat, d]);
      const mean = step.earlier ? combined([1 / 2, d], [1 / 2, slope(euler, step.earlier)]) : d;
      return combined([1, y], [end - hat, mean]).map((y) => y / Math.hypot(1, end));
    },
  },
  // arXiv:2306.14878: Heun, and back up by noise.
  restart: {
    order: "9..3, 5..3*2, 2..0",
    next: (x, step) => {
      const kept = step.arrived === undefined ? 1 : step.at.alphaBar / step.arrived;
      const up = kept === 1 ? x : combined([Math.sqrt(kept), x], [Math.sqrt(1 - kept), drawn("again", step)]);
      return heunStep(up, step);
    },
  },
};

type Next = (
  x: readonly number[],
  step: Step,
  before: { readonly x: readonly number[]; readonly step: Step } | undefined,
  made: Schedule,
) => number[];

test.each(Object.entries(random))("%s draws as its paper says", async (name, { next, set, order }) => {
  for (const respacing of ["ddim10", "lambda10"]) {
    const made = rows(respacing);
    let before: { readonly x: readonly number[]; readonly step: Step } | undefined;
    const steps = order ? made.along([9, 8, 7, 6, 5, 4, 3, 5, 4, 3, 5, 4, 3, 2, 1, 0]) : walk(made);
    const expected = steps.reduce(
      (x, step) => {
        const moved = next(x, step, before, made);
        before = { x, step };
        return moved;
      },
      [...x_T.data],
    );
    const found = await sampled(name as SamplerName, {
      respacing,
      ...(order && { order }),
      ...(set && { set: { ...set } }),
    });
    expect(largestDifference(found, tensorOf(expected)), respacing).toBeLessThan(5e-4);
  }
});

test("Churned Heun that does not churn is Heun, and Restart that does not climb", async () => {
  const heun = await sampled("heun");
  expect(largestDifference(await sampled("churned-heun", { set: { s_churn: 0 } }), heun)).toBeLessThan(1e-4);
  expect(largestDifference(await sampled("restart"), heun)).toBeLessThan(1e-4);
});

/**
 * Data ~ N(0, v): xₜ keeps its place in the distribution on the probability flow, so xₜ / √(ᾱv + 1 − ᾱ) is constant there. How far
 * from it a solver ends that goes to the last row but not on to x₀.
 */
async function endError(name: SamplerName, count: number): Promise<number> {
  const v = 0.04;
  const spread = ({ at: { alphaBar } }: Step) => Math.sqrt(alphaBar * v + 1 - alphaBar);
  const network: EpsNetwork = ({ dims, data }, step) => ({
    dims,
    data: data.map((x) => (Math.sqrt(1 - step.at.alphaBar) * x) / spread(step) ** 2),
  });
  const respacing = `lambda${count}`;
  const made = rows(respacing);
  const found = await sampled(name, { network, respacing, order: `${count - 1}..1` });
  const [first, last] = [made.at(count - 1), made.at(0)].map(spread);
  return largestDifference(found, { ...x_T, data: x_T.data.map((x) => (x / first) * last) });
}

test.each([
  ["unguided-ddim", 1],
  ["dpm-solver-2m", 2],
  ["dpm-solver-2s", 2],
  ["heun", 2],
  ["unipc", 3],
] as const)("%s converges at order %i", async (name, order) => {
  const [coarse, fine] = await Promise.all([endError(name, 21), endError(name, 41)]);
  expect(Math.log2(coarse / fine)).toBeGreaterThan(order - 0.5);
});

test.each([
  "unguided-ddpm",
  "unguided-ddim",
  "classifier-free-ddim",
  "projected-ddim",
  ...new Set([...Object.keys(references), ...Object.keys(random)]),
] as SamplerName[])("%s takes a single step, or two", async (name) => {
  for (const respacing of ["1", "lambda2"]) {
    const { data } = await sampled(name, { respacing });
    expect(data.every(Number.isFinite), respacing).toBe(true);
  }
});
