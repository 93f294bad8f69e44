import fc from "fast-check";
import { expect, test } from "vitest";
import { restMs } from "../../../server/keeping/retention.ts";
import { minute, noon, stage } from "./stage.ts";

const day = 24 * 60 * minute;
const hoursAgo = (n: number) => ({ at: noon - n * 60 * minute });

test("without a rule nothing goes", async () => {
  const { retention, ended, listed, said, close } = await stage();
  await ended("a", { at: 0 });
  await retention.sweep();
  expect([await listed(), said, retention.last]).toEqual([["a"], [], undefined]);
  await close();
});

test("the last runs are kept, and what goes is said", async () => {
  const { retention, ended, listed, kept, inUse, said, close } = await stage({ rules: { keepRuns: 2 } });
  for (const [i, id] of ["pinned", "read", "a", "b", "c", "d"].entries()) await ended(id, hoursAgo(20 - i));
  await kept.pin("pinned", true);
  const letGo = inUse.hold("read");
  await retention.sweep();
  expect(await listed()).toEqual(["pinned", "read", "c", "d"]);
  expect(said).toEqual(["Removed 2 runs, the oldest, with 200 bytes of files: --keep-runs 2"]);
  expect(retention.last).toMatchObject({ runs: 2, bytes: 200 });
  letGo();
  await kept.pin("pinned", false);
  await retention.sweep();
  expect(await listed()).toEqual(["c", "d"]);
  await close();
});

test("a run goes when its days are over, and none that ended just now", async () => {
  const { retention, ended, listed, clock, said, close } = await stage({ rules: { keepMs: 2 * day, keepRuns: 1 } });
  await ended("a", { at: noon - 3 * day });
  await ended("b", { at: noon - restMs + 1 });
  await ended("c", { at: noon });
  await retention.sweep();
  expect(await listed()).toEqual(["b", "c"]);
  expect(said).toEqual(["Removed run 1, the oldest, with 100 bytes of files: --keep-runs 1, --keep-days 2"]);
  clock.now += restMs;
  await retention.sweep();
  expect(await listed()).toEqual(["c"]);
  clock.now += 3 * day;
  await retention.sweep();
  expect(await listed()).toEqual([]);
  await close();
});

test("what weighs too much goes until the rest fits, the trash first; what cannot go is said once", async () => {
  const history = await (async () => {
    const { kept, close } = await stage();
    const bytes = await kept.historyBytes();
    await close();
    return bytes;
  })();
  const mega = 2 ** 20;
  const { retention, bin, ended, listed, kept, summary, said, close } = await stage({
    rules: { maxBytes: history + 2.5 * mega },
  });
  for (const [i, id] of ["a", "b", "c", "d"].entries()) await ended(id, { ...hoursAgo(10 - i), bytes: mega });
  await bin.putAway(await summary("d"));
  await retention.sweep();
  expect([await listed(), await bin.list()]).toEqual([["b", "c"], []]);
  for (const id of ["b", "c"]) await kept.pin(id, true);
  await ended("e", { ...hoursAgo(1), bytes: 2 * mega });
  await kept.pin("e", true);
  for (let i = 0; i < 2; i++) await retention.sweep();
  expect(await listed()).toEqual(["b", "c", "e"]);
  expect(said.at(-1)).toMatch(/^Runs and their history weigh 1\.\d+ MiB more than --max-disk: what is left is pinned/);
  expect(said.filter((line) => /more than/.test(line))).toHaveLength(1);
  expect(retention.beyond).toBeGreaterThan(mega);
  await kept.pin("e", false);
  await retention.sweep();
  expect([await listed(), retention.beyond]).toEqual([["b", "c"], 0]);
  await close();
});

test("a run that is pinned while others go stays", async () => {
  const { retention, ended, listed, kept, bin, close } = await stage({ rules: { keepMs: day } });
  for (const id of ["a", "b", "c"]) await ended(id, { at: noon - 3 * day });
  bin.removed.subscribe(() => void kept.pin("b", true));
  await retention.sweep();
  expect(await listed()).toEqual(["b"]);
  await close();
});

test("whatever ends, is pinned and read: what goes is due, and the oldest that may", async () => {
  const one = fc.record({
    minutesAgo: fc.nat(2_000),
    pinned: fc.boolean(),
    read: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(one, { maxLength: 12 }),
      fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined }),
      fc.option(fc.integer({ min: 11, max: 2_000 }), { nil: undefined }),
      async (runs, keepRuns, keepMinutes) => {
        const keepMs = keepMinutes === undefined ? undefined : keepMinutes * minute;
        const { retention, ended, listed, kept, inUse, leftovers, close } = await stage({
          rules: { keepRuns, keepMs },
        });
        for (const [i, { minutesAgo, pinned, read }] of runs.entries()) {
          await ended(`${i}`, { at: noon - minutesAgo * minute });
          if (pinned) await kept.pin(`${i}`, true);
          if (read) inUse.hold(`${i}`);
        }
        await retention.sweep();
        const order = [...runs.entries()]
          .filter(([, { pinned }]) => !pinned)
          .sort(([i, a], [j, b]) => b.minutesAgo - a.minutesAgo || i - j);
        const stays = runs.flatMap((run, i) => {
          const newer = order.length - 1 - order.findIndex(([j]) => j === i);
          const isDue =
            !run.pinned &&
            ((keepRuns !== undefined && newer >= keepRuns) ||
              (keepMinutes !== undefined && run.minutesAgo > keepMinutes));
          return isDue && !run.read && run.minutesAgo * minute >= restMs ? [] : [`${i}`];
        });
        expect(await listed()).toEqual(stays);
        expect(await leftovers()).toEqual([]);
        await close();
      },
    ),
    { numRuns: 20 },
  );
}, 60_000);
