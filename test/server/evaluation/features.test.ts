import { expect, test } from "vitest";
import type { NetworkHandle } from "../../../nodes/index.ts";
import { type Features, featuresOf } from "../../../server/evaluation/features.ts";
import { drawsOf, judge, keptFor, maxManifold } from "../../../server/evaluation/judge.ts";
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
  const ofBoth = async (features: number) => ({
    samples: await featuresOf(samples, judges, { batch: 8, kept: { features, spatial: 0 } }),
    real: await featuresOf(reference, judges, { batch: 8, kept: { features, spatial: 0 } }),
  });
  const [all, few] = [await ofBoth(100), await ofBoth(20)];
  const rows = (of: Features) => of.features.rows;
  expect([all.real, few.real, few.samples].map((of) => rows(of).length)).toEqual([140, 40, 40]);
  expect(rows(few.real)).toEqual(rows(all.real).subarray(0, 40));
  const none = drawsOf({ features: 2 }, 0);
  expect(judge(few.samples, few.real, none).frechet).toEqual(judge(all.samples, all.real, none).frechet);
  const kept = (count: number, features: number) => keptFor(count, drawsOf({ features, spatial: 63 })).features;
  expect([kept(50_000, 2_048), kept(50_000, 12), kept(9, 2_048)]).toEqual([maxManifold, 50_000, 9]);
});

test("a file of no pictures is told as one", async () => {
  await expect(featuresOf(fileOf(0, 0), judges, { batch: 8, kept: { features: 1, spatial: 0 } })).rejects.toThrow(
    /no pictures/,
  );
});
