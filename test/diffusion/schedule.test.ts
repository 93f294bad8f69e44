import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lambda, type Schedule, schedule, torchNoise } from "../../diffusion/index.ts";
import { golden, readJson, scheduleOf } from "../support/golden.ts";

interface Row {
  readonly diffusion_steps: number;
  readonly noise_schedule: "linear" | "cosine";
  readonly timestep_respacing: string;
  readonly timesteps?: readonly number[];
  readonly refused?: string;
  readonly first: Record<string, number>;
  readonly middle: Record<string, number>;
  readonly last: Record<string, number>;
}

const rows: Row[] = readJson("schedule.json");
const named = rows.map((row) => ({
  row,
  name: `${row.noise_schedule} ${row.diffusion_steps} "${row.timestep_respacing}"`,
  make: () =>
    schedule({
      noiseSchedule: row.noise_schedule,
      diffusionSteps: row.diffusion_steps,
      timestepRespacing: row.timestep_respacing,
    }),
}));

/** Equal to the last few bits: β near 0 is a difference of numbers near 1. */
function close(actual: number, wanted: number) {
  expect(Math.abs(actual - wanted)).toBeLessThanOrEqual(1e-15 + 1e-11 * Math.abs(wanted));
}

describe("schedule agrees with the reference", () => {
  for (const { row, name, make } of named.filter(({ row }) => row.refused === undefined))
    test(name, () => {
      const made = make();
      expect(made.timesteps).toEqual(row.timesteps);
      expect(made.count).toBe(row.timesteps!.length);
      for (const [index, wanted] of [
        [0, row.first],
        [Math.floor(made.count / 2), row.middle],
        [made.count - 1, row.last],
      ] as const) {
        const { at } = made.at(index);
        close(at.beta, wanted.beta);
        close(at.alphaBar, wanted.alpha_bar);
        close(at.alphaBarPrev, wanted.alpha_bar_prev);
        close(at.posteriorVariance, wanted.posterior_variance);
        close(at.posteriorLogVarianceClipped, wanted.posterior_log_variance_clipped);
        close((Math.sqrt(at.alphaBarPrev) * at.beta) / (1 - at.alphaBar), wanted.posterior_mean_coef1);
        close((Math.sqrt(at.alpha) * (1 - at.alphaBarPrev)) / (1 - at.alphaBar), wanted.posterior_mean_coef2);
      }
    });
});

describe("schedule refuses what the reference refuses", () => {
  for (const { name, make } of named.filter(({ row }) => row.refused !== undefined))
    test(name, () => expect(make).toThrow(RangeError));

  test.each(["ddim", "five", "10,,10", "-3", "0", "1.5"])("timestep_respacing %o", (timestepRespacing) =>
    expect(() => schedule({ timestepRespacing })).toThrow(RangeError),
  );

  test("a respacing that cannot be made names what can", () =>
    expect(() => schedule({ timestepRespacing: "ddim37" })).toThrow(
      "Cannot take ddim37 of 1000 steps: no integer stride gives 37; nearby ones are ddim35, ddim36, ddim38, ddim39",
    ));

  test("a process too short for its β", () =>
    expect(() => schedule({ diffusionSteps: 7 })).toThrow(/β of step \d would be .* use more diffusion_steps/));
});

describe("a step", () => {
  test("gives networks the original timestep, times 1000/T where asked", () => {
    for (const name of ["guided_ddim_cosine", "ddpm_fixed_sigma_xstart", "guided_fixed_large"]) {
      const { flags, expected } = golden(name);
      const made = schedule(scheduleOf(flags));
      const down = Array.from({ length: made.count }, (_, i) => made.at(made.count - 1 - i));
      expect(down.map((step) => step.t)).toEqual(Array.from(expected.timesteps.data, Number));
      expect(down.map((step) => Math.fround(step.modelT))).toEqual(Array.from(expected.t_seen.data, Number));
    }
  });

  test("knows its neighbours and its draw", () => {
    const step = schedule({ timestepRespacing: "ddim25" }).at(3);
    expect(step.draw).toBe(22);
    expect(step.earlier?.index).toBe(2);
    expect(step.later?.earlier).toEqual(step);
    expect(step.earlier?.at.alphaBar).toBe(step.at.alphaBarPrev);
    expect(step.later?.at.alphaBar).toBe(step.at.alphaBarNext);
    expect(step.earlier?.earlier?.earlier?.earlier).toBeUndefined();
  });

  test("outside the schedule is refused", () => {
    const { at } = schedule({ timestepRespacing: "10" });
    for (const index of [-1, -0.5, 9.5, 10, Number.NaN]) expect(() => at(index)).toThrow(RangeError);
  });

  test("between rows has the noise that the process has at its t, whatever the rows", () => {
    const full = schedule({ noiseSchedule: "cosine" });
    const logSnr = (alphaBar: number) => Math.log(alphaBar / (1 - alphaBar));
    fc.assert(
      fc.property(
        fc.constantFrom("50", "ddim10", "10,20,30"),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (timestepRespacing, place) => {
          const made = schedule({ noiseSchedule: "cosine", timestepRespacing });
          const step = made.at(place * (made.count - 1));
          const row = Math.floor(step.index);
          const part = step.index - row;
          expect(step.t).toBeCloseTo(made.timesteps[row] * (1 - part) + (made.timesteps[row + 1] ?? 0) * part, 9);
          const t = Math.floor(step.t);
          const [below, above] = [full.at(t), full.at(Math.min(t + 1, 999))].map(({ at }) => logSnr(at.alphaBar));
          expect(logSnr(step.at.alphaBar)).toBeCloseTo(below + (above - below) * (step.t - t), 8);
          expect(step.at.alpha * step.at.alphaBarPrev).toBeCloseTo(step.at.alphaBar, 12);
        },
      ),
    );
  });

  test("between x₀ and the last row leads to x₀", () => {
    const { earlier, at } = schedule({ timestepRespacing: "50" }).at(0.5);
    expect(earlier).toBeUndefined();
    expect(at.alphaBarPrev).toBe(1);
    expect(Number.isFinite(at.posteriorLogVarianceClipped)).toBe(true);
  });
});

describe("along a list of indices", () => {
  const made = schedule({ timestepRespacing: "50" });

  test("every row down gives the schedule's own steps", () => {
    const indices = Array.from({ length: 50 }, (_, k) => 49 - k);
    expect(made.along(indices)).toEqual(indices.map(made.at));
  });

  test("a step leads to the one that follows, over a gap or between rows", () => {
    const [first, second, last] = made.along([40, 12.5, 3]);
    expect(first.earlier).toEqual(made.at(12.5));
    expect(first.at.alphaBarPrev).toBe(second.at.alphaBar);
    expect(first.at.beta).toBeCloseTo(1 - first.at.alphaBar / second.at.alphaBar, 12);
    expect(second.at.alphaBarPrev).toBe(made.at(3).at.alphaBar);
    expect(last.at).toEqual(made.at(3).at);
  });

  test("a step of an inversion leads up to the one that follows", () => {
    const [first, second] = made.along([0, 10, 20]);
    expect(first.at.alphaBarNext).toBe(second.at.alphaBar);
    expect(first.later?.index).toBe(10);
  });

  test("going back up tells from which noise x comes", () => {
    const steps = made.along([9, 8, 9, 8, 0, 0]);
    expect(steps.map(({ arrived }) => arrived)).toEqual([
      undefined,
      undefined,
      made.at(7).at.alphaBar,
      undefined,
      undefined,
      1,
    ]);
  });

  test("a repeated or fractional step takes a draw of its own", () =>
    expect(made.along([9, 8, 9, 8.5, 8, 7]).map(({ draw }) => draw)).toEqual([41, 42, 51, 52, 53, 43]));

  test("no two steps have one draw: of rows, between rows, of a walk, of each turn of an inner one", () => {
    const walk = [9, 8, 9, 8.5, 8, 7];
    const single = [9, 8.25, 8.5, 8.75, 7.5].map((index) => made.at(index));
    const inner = [0, 1, 63].flatMap((number) => [0, 1, 2].map((turn) => ({ number, turn })));
    const turns = [undefined, ...inner].flatMap((within) => made.along(within?.number ? walk : [...walk, 5], within));
    const draws = [...single.slice(1), ...turns].map(({ draw }) => draw);
    expect(new Set(draws).size).toBe(draws.length);
    for (const draw of draws) expect(draw >>> 0).toBe(draw);
    expect(() => made.along(walk, { number: 0, turn: 2 ** 24 })).toThrow(/Cannot draw anew in turn/);
    expect(() => made.along(walk, { number: 64, turn: 0 })).toThrow(/more than 64 loops inside one/);
  });

  test("leads to x₀ where the walk says so, from any step, and comes back from it", () => {
    const [first, last, again] = made.along([40, 12.5, -1, 20]);
    expect([first.taken, last.taken, again.taken, again.steps]).toEqual([0, 1, 2, 3]);
    expect(last.earlier).toBeUndefined();
    expect(last.at.alphaBarPrev).toBe(1);
    expect(again.arrived).toBe(1);
    expect(made.along([40, 12.5])[1].earlier?.index).toBe(11.5);
  });

  test("torch, whose draws are one sequence, refuses those that have no place in it", () => {
    const noise = torchNoise({ seed: 1, dims: [1, 1, 2, 2] });
    for (const step of [made.at(8.5), made.along([3], { number: 0, turn: 0 })[0]])
      expect(() => noise.draw(step.draw)).toThrow("use philox");
    expect(noise.draw(made.along([9, 9])[1].draw).data).toHaveLength(4);
  });
});

describe("steps by their noise", () => {
  const named = {
    noiseSchedule: fc.constantFrom("linear" as const, "cosine" as const),
    count: fc.integer({ min: 2, max: 60 }),
  };
  const levels = (made: Schedule) => made.timesteps.map((_, i) => lambda(made.at(i).at.alphaBar));

  test("are spaced as they are called: evenly in λ, and in the seventh root of σ", () =>
    fc.assert(
      fc.property(named.noiseSchedule, named.count, (noiseSchedule, count) => {
        for (const [timestepRespacing, scale] of [
          [`lambda${count}`, (lambda: number) => lambda],
          [`karras${count}`, (lambda: number) => Math.exp(-lambda / 7)],
        ] as const) {
          const made = schedule({ noiseSchedule, timestepRespacing });
          const at = levels(made).map(scale);
          const stride = (at[count - 1] - at[0]) / (count - 1);
          for (const [i, level] of at.entries()) expect(level).toBeCloseTo(at[0] + i * stride, 6);
          expect([made.timesteps[0], made.timesteps[count - 1]]).toEqual([0, 999]);
        }
      }),
    ));

  test("are found by their t, λ or σ, and by what was read off them", () =>
    fc.assert(
      fc.property(
        fc.constantFrom("ddim25", "50", "karras20", ""),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (timestepRespacing, place) => {
          const made = schedule({ noiseSchedule: "cosine", timestepRespacing });
          const index = place * (made.count - 1);
          const step = made.at(index);
          const l = lambda(step.at.alphaBar);
          for (const [measure, value] of [
            ["t", step.t],
            ["lambda", l],
            ["noise_level", Math.exp(-l)],
          ] as const) {
            const found = made.at(made.indexOf(measure, value));
            expect(Math.abs(lambda(found.at.alphaBar) - l)).toBeLessThan(1e-5);
            expect(found.t).toBeCloseTo(step.t, 2);
          }
        },
      ),
    ));

  test("beyond the rows, or of no noise, are refused with what there is", () => {
    const made = schedule({ timestepRespacing: "ddim10" });
    expect(() => made.indexOf("t", 950)).toThrow("Cannot take a step at t 950: the schedule goes from 0 to 900");
    for (const value of [0, -1, 1e9]) expect(() => made.indexOf("noise_level", value)).toThrow(/from 0\.01\d* to 60/);
    // However much noise the other end has, the least one is no nearer to none.
    const cosine = schedule({ noiseSchedule: "cosine" });
    for (const [measure, value] of [
      ["noise_level", 0],
      ["noise_level", -0.01],
      ["noise_level", 0.001],
      ["noise_level", Number.NaN],
      ["t", -1e-4],
      ["t", 999.1],
      ["lambda", 20],
    ] as const)
      expect(() => cosine.indexOf(measure, value), `${measure} ${value}`).toThrow("Cannot take a step at");
    for (const timestepRespacing of ["karras5", "lambda5"])
      expect(() => schedule({ diffusionSteps: 20, timestepRespacing })).toThrow("the last timestep is noise alone");
    expect(() => schedule({ timestepRespacing: "karras0" })).toThrow(
      "give a number of steps from 1 to the process's 1000",
    );
  });
});

describe("fixed variance", () => {
  const large = schedule({ timestepRespacing: "12", diffusionSteps: 400 });
  const small = schedule({ timestepRespacing: "12", diffusionSteps: 400, sigmaSmall: true });
  test("large is β, and at t = 0 the posterior's at t = 1", () => {
    expect(large.at(5).at.fixedVariance).toBe(large.at(5).at.beta);
    expect(large.at(0).at.fixedVariance).toBe(large.at(1).at.posteriorVariance);
    expect(large.at(0).at.fixedLogVariance).toBeCloseTo(Math.log(large.at(1).at.posteriorVariance), 12);
  });
  test("small is the posterior's, its logarithm clipped at t = 0", () => {
    expect(small.at(5).at.fixedVariance).toBe(small.at(5).at.posteriorVariance);
    expect(small.at(0).at.fixedVariance).toBe(0);
    expect(small.at(0).at.fixedLogVariance).toBe(small.at(1).at.posteriorLogVarianceClipped);
  });
});
