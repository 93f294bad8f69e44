import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { torchGenerator, torchNoise } from "../../diffusion/index.ts";
import { golden, readJson } from "../support/golden.ts";
import { tensorOf } from "../support/npz.ts";

interface Draws {
  readonly seed: string;
  readonly n: number;
  readonly first: readonly number[];
  readonly first_last: number;
  readonly second: readonly number[];
  readonly second_last: number;
}

function close(actual: ArrayLike<number>, wanted: ArrayLike<number>) {
  for (let i = 0; i < wanted.length; i++) expect(Math.abs(actual[i] - wanted[i])).toBeLessThanOrEqual(4e-6);
}

describe("torchGenerator draws what torch.randn draws", () => {
  for (const { seed, n, ...wanted } of readJson("noise.json") as Draws[])
    test(`${n} values twice from seed ${seed}`, () => {
      const generator = torchGenerator(Number(seed));
      const first = generator.randn(n);
      const second = generator.randn(n);
      close(first, wanted.first);
      close([first[n - 1]], [wanted.first_last]);
      close(second, wanted.second);
      close([second[n - 1]], [wanted.second_last]);
    });
});

describe("torchGenerator goes on like torch from randint to randn, small and large", () => {
  const runs = JSON.parse(readFileSync(new URL("../fixtures/torch/mixed.json", import.meta.url), "utf8"));
  for (const { seed, draws } of runs)
    test(`from seed ${seed}`, () => {
      const drawn = torchGenerator(seed);
      const skipped = torchGenerator(seed);
      for (const { kind, count, below, first, last } of draws) {
        const values = kind === "randint" ? drawn.randint(below, count) : [...drawn.randn(count)];
        close(values.slice(0, 6), first);
        close(values.slice(-6), last);
        if (kind === "randint") skipped.skipRandint(count);
        else skipped.skipRandn(count);
        expect(values.length).toBe(count);
      }
      expect(skipped.randn(20)).toEqual(drawn.randn(20));
      expect(skipped.randn(1)).toEqual(drawn.randn(1));
    });
});

describe("torchNoise", () => {
  test("draws the reference's x_T", () => {
    for (const name of ["guided_ddim_cosine", "ddim_eta_linear_uncond", "superres"]) {
      const { flags, expected } = golden(name);
      const wanted = tensorOf(expected.x_T);
      close(torchNoise({ seed: flags.seed, dims: wanted.dims }).draw(0).data, wanted.data);
    }
  });

  test("gives the same draw in any order", () => {
    for (const dims of [
      [2, 1, 1, 3],
      [2, 3, 3, 3],
      [1, 3, 4, 4],
    ]) {
      const noise = torchNoise({ seed: 7, dims });
      const inOrder = [0, 1, 2, 3, 4].map(noise.draw);
      for (const k of [3, 1, 1, 4, 0, 2]) expect(noise.draw(k)).toEqual(inOrder[k]);
    }
  });

  test("goes on in the second batch where the first stopped", () => {
    const generator = torchGenerator(99);
    const dims = [2, 3, 3, 3];
    const batches = [0, 1].map(() => ({
      labels: generator.randint(10, 2),
      draws: [0, 1, 2, 3].map(() => generator.randn(54)),
    }));
    const second = torchNoise({ seed: 99, dims, batch: 1, labels: 2, draws: 4 });
    expect([0, 1, 2, 3].map((k) => second.draw(k).data)).toEqual(batches[1].draws);
  });

  test("finds any batch, in order or not", () => {
    const at = (batch: number) => torchNoise({ seed: 3, dims: [1, 3, 3, 3], batch, labels: 1, draws: 3 }).draw(0);
    const inOrder = [0, 1, 2, 3, 4].map(at);
    for (const batch of [4, 1, 3, 3, 0, 2]) expect(at(batch)).toEqual(inOrder[batch]);
    const generator = torchGenerator(3);
    for (const first of inOrder) {
      generator.skipRandint(1);
      expect(generator.randn(27)).toEqual(first.data);
      generator.skipRandn(27);
      generator.skipRandn(27);
    }
  });

  test("needs the number of draws to find a later batch", () =>
    expect(() => torchNoise({ seed: 1, dims: [1, 3, 4, 4], batch: 1 })).toThrow(RangeError));
});

test("a seed outside 0 … 2⁵³ − 1 is refused", () => {
  for (const seed of [-1, 0.5, 2 ** 53, Number.NaN]) expect(() => torchGenerator(seed)).toThrow(RangeError);
});
