import { expect, test } from "vitest";
import type { NetworkHandle } from "../../../nodes/index.ts";
import { featuresOf } from "../../../server/evaluation/features.ts";
import { judge, keptFor, maxManifold } from "../../../server/evaluation/judge.ts";
import type { SamplesFile } from "../../../server/evaluation/samples-file.ts";

/** Two features of a picture of two numbers: the numbers. */
const network = {
  apply: async ({ dims, data }: { dims: readonly number[]; data: Float32Array }) => ({
    dims: [dims[0], 2, 1, 1],
    data,
  }),
} as unknown as NetworkHandle;
const judges = { features: { network, output: "" }, classifier: undefined };

function fileOf(count: number, seed: number): SamplesFile {
  return {
    count,
    shape: [1, 2, 1],
    labels: undefined,
    async *batches(size) {
      for (let from = 0; from < count; from += size) {
        const n = Math.min(size, count - from);
        const data = Uint8Array.from({ length: 2 * n }, (_, i) => ((from * 2 + i + seed) * 7919) % 251);
        yield { dims: [n, 1, 2, 1], data };
      }
    },
  };
}

test("of a file larger than memory so many features are kept as are looked at, and its distance is that of all", async () => {
  const [samples, reference] = [fileOf(50, 1), fileOf(70, 2)];
  const ofBoth = async (kept: number) => ({
    samples: await featuresOf(samples, judges, { batch: 8, kept }),
    real: await featuresOf(reference, judges, { batch: 8, kept }),
  });
  const [all, few] = [await ofBoth(100), await ofBoth(20)];
  expect([all.real.rows.length, few.real.rows.length, few.samples.rows.length]).toEqual([140, 40, 40]);
  expect(few.real.rows).toEqual(all.real.rows.subarray(0, 40));
  expect(judge(few.samples, few.real, 0).frechet).toEqual(judge(all.samples, all.real, 0).frechet);
  expect([keptFor(50_000, 0), keptFor(50_000, 100), keptFor(9, 0)]).toEqual([maxManifold, 50_000, 9]);
});

test("a file of no pictures is told as one", async () => {
  await expect(featuresOf(fileOf(0, 0), judges, { batch: 8, kept: 1 })).rejects.toThrow(/no pictures/);
});
