/** A few points of what `npm run torture` and `npm run chaos` do at many. A failure names its seed: `npm run torture -- SEED` repeats it. */
import { expect, test } from "vitest";
import { generator } from "../support/random.ts";
import { killedAndResumed } from "../torture/chaos/on-one-machine.ts";
import { killServers, killWorkers } from "../torture/kills.ts";

const seed = Number(process.env.TORTURE_SEED ?? Date.now() % 2 ** 31);

test("a worker that is killed at any moment fails its run alone, and leaves nothing unfinished", async () => {
  const { broken, figures } = await killWorkers({ points: 5, random: generator(seed) });
  console.info(figures);
  expect(broken, `seed ${seed}`).toEqual([]);
});

test("a server that is killed at any moment keeps its promises", async () => {
  const { broken, figures } = await killServers({ points: 5, queued: 50, random: generator(seed) });
  console.info(figures);
  expect(broken, `seed ${seed}`).toEqual([]);
});

test("a run that is killed at any moment and resumed has the files of one go", async () => {
  const { broken, figures } = await killedAndResumed({ kills: 3, random: generator(seed), batches: 24, ms: 60 });
  console.info(figures);
  expect(broken, `seed ${seed}`).toEqual([]);
});
