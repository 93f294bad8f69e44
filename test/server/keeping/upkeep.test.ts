import { expect, test } from "vitest";
import { stage } from "./stage.ts";

test("runs are weighed when they end, and those of an older history at the start", async () => {
  const first = await stage();
  await first.ended("old", { bytes: 300, weighed: false });
  await first.close();

  const { upkeep, ended, summary, kept, close } = await stage({ path: first.path });
  await upkeep.start();
  await upkeep.settled();
  expect((await summary("old")).bytes).toBe(300);
  await ended("new", { bytes: 500, weighed: false });
  await upkeep.settled();
  expect((await summary("new")).bytes).toBe(500);
  expect(await kept.total()).toEqual({ count: 2, bytes: 800 });
  await close();
});
