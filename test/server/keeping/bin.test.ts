import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { trashMs } from "../../../server/keeping/bin.ts";
import { rowsOf } from "../../../server/runs/history.ts";
import { stage } from "./stage.ts";

test("a run that is put away is nowhere, and comes back as it was", async () => {
  const { bin, ended, summary, listed, data, changed, clock, close } = await stage();
  await ended("a");
  await ended("b");
  const before = await summary("a");
  const told: string[] = [];
  changed.subscribe((id) => told.push(id));
  bin.removed.subscribe((id) => told.push(`${id} removed`));
  await bin.putAway(before);
  expect([await listed(), told, existsSync(data.run("a"))]).toEqual([["b"], ["a removed", "a"], false]);
  expect(await bin.list()).toEqual([
    {
      id: "a",
      number: 1,
      title: "a",
      bytes: 100,
      removed: new Date(clock.now).toISOString(),
      until: new Date(clock.now + trashMs).toISOString(),
    },
  ]);
  await bin.restore("a");
  expect([await summary("a"), await listed(), await bin.list()]).toEqual([before, ["a", "b"], []]);
  expect(readFileSync(join(data.run("a"), "outputs", "a.png"), "utf8")).toHaveLength(100);
  await expect(bin.restore("a")).rejects.toMatchObject({ reason: "absent" });
  await close();
});

test("one that has not ended, or is pinned, is not put away", async () => {
  const { bin, log, kept, ended, summary, close } = await stage();
  const options = { batches: 1, set: {}, watch: [], first: false };
  await log.begin("waits", rowsOf({ id: "waits", key: undefined, request: "", title: "", graph: "{}", options }));
  await ended("pinned");
  await kept.pin("pinned", true);
  for (const [id, words] of [
    ["waits", "Run 1 has not ended: cancel it first"],
    ["pinned", "Run 2 is pinned: unpin it first"],
  ]) {
    const run = await summary(id);
    expect(() => bin.putAway(run)).toThrow(words);
  }
  await close();
});

test("what is removed leaves nothing, in steps, and its number to nobody", async () => {
  const { bin, ended, listed, leftovers, log, summary, data, database, close } = await stage();
  await ended("a");
  await ended("large", { events: 3_000 });
  let [isOver, turns] = [false, 0];
  const turn = () => {
    turns++;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  await bin.remove("large");
  isOver = true;
  expect(turns).toBeGreaterThan(6);
  expect([await listed(), await leftovers(), existsSync(data.run("large"))]).toEqual([["a"], [], false]);
  expect(await log.read("large", 0, 10)).toEqual([]);
  expect(await database.all("SELECT * FROM tasks WHERE number = 2")).toEqual([]);
  await ended("next");
  expect((await summary("next")).number).toBe(3);
  await close();
});

test("the trash is emptied when its time is over", async () => {
  const { bin, ended, summary, clock, path, leftovers, close } = await stage();
  await ended("a");
  await bin.putAway(await summary("a"));
  clock.now += trashMs - 1;
  expect(await bin.empty()).toBe(0);
  clock.now += 1;
  expect(await bin.empty()).toBe(1);
  expect([readdirSync(join(path, "trash")), await leftovers(), await bin.list()]).toEqual([[], [], []]);
  await close();
});

/** What a server may be killed in the middle of: each step is one write, or one change of the disk. */
test("wherever it is cut short, the next start lists nothing that is not there and leaves nothing half removed", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("put away", "put away in the history alone", "restore", "remove"),
      fc.nat(12),
      async (deed, cut) => {
        const first = await stage();
        for (const id of ["a", "b"]) await first.ended(id, { events: 700 });
        const { bin, kept } = first;
        if (deed === "restore") await bin.putAway(await first.summary("a"));
        // From the cut on, nothing reaches the history or the disk: as for a process that is gone.
        let steps = 0;
        const gone = () => steps++ >= cut && Promise.reject(new Error("killed"));
        for (const name of ["setRemoved", "forget", "clear"] as const) {
          const act = kept[name].bind(kept) as (...args: unknown[]) => Promise<unknown>;
          Object.assign(kept, { [name]: async (...args: unknown[]) => (await gone()) || act(...args) });
        }
        const { write } = first.database;
        Object.assign(first.database, {
          write: async (...args: Parameters<typeof write>) => (await gone()) || write.apply(first.database, args),
        });
        const act = {
          "put away": async () => bin.putAway(await first.summary("a")),
          "put away in the history alone": () => kept.setRemoved("a", new Date().toISOString()),
          restore: () => bin.restore("a"),
          remove: () => bin.remove("a"),
        };
        await act[deed]().catch(() => {});
        Object.assign(first.database, { write });
        await first.database.close();

        const next = await stage({ path: first.path });
        await next.upkeep.start();
        const there = (id: string) => existsSync(join(next.data.run(id), "outputs", "a.png"));
        for (const id of await next.listed()) expect(there(id), `${id} is listed after ${deed}`).toBe(true);
        await next.upkeep.settled();
        const [trashed] = await next.bin.list();
        if (trashed) expect(existsSync(join(next.data.trash("a"), "outputs", "a.png"))).toBe(true);
        expect(await next.leftovers()).toEqual([]);
        const isKnown = trashed !== undefined || (await next.listed()).includes("a");
        if (!isKnown) expect([there("a"), existsSync(next.data.trash("a"))]).toEqual([false, false]);
        expect(await next.listed()).toContain("b");
        await next.close();
      },
    ),
    { numRuns: 25 },
  );
});
