/** A run that another process began: what it goes on with, and what is told of that. */
import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { Journal } from "../../../server/files/journal.ts";
import { temporaryFolder } from "../../support/cli.ts";
import { kept, shared, tick } from "../../support/shared-run.ts";

test.each([
  ["all of them", undefined, []],
  ["the first alone", 1, [1, 2, 4]],
  ["none", 0, [0, 1, 2, 4]],
])("of batches that were noted before those are told that were not: %s was", async (_, toldBefore, untold) => {
  const journal = await Journal.open(temporaryFolder(), "r");
  for (const batch of [4, 0, 2, 1]) {
    const saved = [{ path: "1", name: `${batch}.png`, mime: "image/png", sha256: "0" }];
    await journal.noteAll([{ batch, saved, kept, took: { ms: batch, pictures: 2 } }]);
  }
  await journal.close(false);
  const options = {
    journal: await Journal.open(dirname(dirname(journal.folder)), "r"),
    ...(toldBefore !== undefined && { toldBefore }),
  };
  const run = shared(5, ["a"], options);
  const [a] = run.devices;
  a.asks();
  expect(a.given()).toBe(3);
  await a.done(3, 5);
  a.asks();
  await vi.waitFor(() => expect(a.given()).toEqual({ end: kept }));
  a.end();
  const batch = (index: number): object[] =>
    index === 3 ? [{ index, ms: 1 }] : [{ name: `${index}.png` }, { index, count: 5, ms: index, pictures: 2 }];
  const expected = [...untold, 3].sort().flatMap(batch);
  await vi.waitFor(() => expect(run.told).toMatchObject([...expected, "complete"]));
  await options.journal.close(true);
});

test("batches that are told of together are noted together, so that who is killed knows all or none", async () => {
  const journal = await Journal.open(temporaryFolder(), "r");
  const { devices } = shared(8, ["a"], { journal });
  const [a] = devices;
  a.asks();
  const lines = () => readFileSync(join(journal.folder, "journal"), "utf8").split("\n").filter(Boolean).length;
  const writes: number[] = [];
  const write = journal.noteAll.bind(journal);
  vi.spyOn(journal, "noteAll").mockImplementation(async (all, identity) => {
    await write(all, identity);
    writes.push(all.length);
  });
  for (const batch of [0, 1, 2, 3]) void a.done(batch, 8);
  await vi.waitFor(() => expect([writes, lines()]).toEqual([[4], 4]));
  await journal.close(true);
});

describe("batches of one run are of one making", () => {
  const other = {
    state: "failed",
    failure: { message: expect.stringContaining("is another than when this run began") },
  };

  test.each([
    ["as it was", "i", "complete"],
    ["with another model, precision or version", "j", other],
  ])("a server that goes on with it %s", async (_, identity, end) => {
    const before = await Journal.open(temporaryFolder(), "r");
    const {
      devices: [first],
    } = shared(2, ["a"], { journal: before });
    first.asks();
    await first.done(0, 2);
    await vi.waitFor(() => expect(before.done).toBe(1));
    await before.close(false);

    // As another process finds it.
    const later = temporaryFolder();
    mkdirSync(join(later, ".guidegraph", "r"), { recursive: true });
    copyFileSync(join(before.folder, "journal"), join(later, ".guidegraph", "r", "journal"));
    const journal = await Journal.open(later, "r");
    const {
      devices: [a],
      told,
    } = shared(2, ["a"], { journal });
    a.asks(identity);
    if (identity === "i") {
      await a.done(1, 2);
      a.asks();
      await vi.waitFor(() => expect(a.given()).toEqual({ end: kept }));
      a.end();
    } else {
      expect(a.types()).toEqual(["run", "cancel"]);
      a.says({ type: "end", run: "r", state: "cancelled" });
    }
    await vi.waitFor(() => expect([told.at(-1)]).toMatchObject([end]));
    await journal.close(true);
  });

  test("and so a process that comes when a model was replaced draws none", async () => {
    const {
      devices: [a, b],
      run,
      told,
    } = shared(4, ["a", "b"]);
    a.asks();
    run.join(b.device);
    b.asks("j");
    expect([a.types().at(-1), b.types().at(-1)]).toEqual(["cancel", "cancel"]);
    for (const one of [a, b]) one.says({ type: "end", run: "r", state: "cancelled" });
    await tick();
    expect(told.at(-1)).toMatchObject(other);
  });
});
