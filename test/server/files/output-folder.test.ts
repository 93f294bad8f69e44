import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Journal } from "../../../server/files/journal.ts";
import { OutputFolder } from "../../../server/files/output-folder.ts";
import { temporaryFolder } from "../../support/cli.ts";

const [drawn, roundedOtherwise] = [[Buffer.from("1.0")], [Buffer.from("1.1")]];

test("a picture that is drawn again is the same, or stays and fails the run in words", async () => {
  const folder = temporaryFolder();
  const hash = await new OutputFolder(folder).save("a-0000.png", drawn);
  const again = new OutputFolder(folder);
  expect(await again.save("a-0000.png", drawn)).toBe(hash);
  await expect(again.save("a-0000.png", roundedOtherwise)).rejects.toThrow(
    /^Cannot write .*a-0000.png: another file has that name, .* kind of device\. Move it away and start again$/,
  );
  expect(readFileSync(join(folder, "a-0000.png"), "utf8")).toBe("1.0");
  expect(readdirSync(folder)).toEqual(["a-0000.png"]);
});

test("the numbers of a run that is going on, or was interrupted, are no other's", async () => {
  const out = temporaryFolder();
  const first = await Journal.open(out, "one");
  const firstOf = async (journal: Journal, from: number, to: number, count?: number) =>
    (await new OutputFolder(out, journal).numbers("a", from, to, count)).take(1, { batch: 0, at: 0 });
  expect(await firstOf(first, 0, Infinity, 300)).toBe(0);
  await first.note(0, [], { spools: {}, numbers: {}, gathered: {} });
  const second = await Journal.open(out, "two");
  expect(await firstOf(second, 0, Infinity, 100)).toBe(300);
  const part = await Journal.open(out, "three");
  expect(await firstOf(part, 20, 40, 20)).toBe(400);
  const beyond = await Journal.open(out, "four");
  expect(await firstOf(beyond, 1_000, 1_010, 10)).toBe(1_000);
  expect(await firstOf(first, 0, Infinity, 300)).toBe(0);
  for (const one of [first, second, part, beyond]) await one.close(true);
});

test("what runs choose at one moment in one folder is no two runs', and a run that goes on finds its own", async () => {
  const out = temporaryFolder();
  const runs = await Promise.all(Array.from({ length: 8 }, (_, i) => Journal.open(out, `run-${i}`)));
  const chosenBy = async (journal: Journal) => {
    const folder = new OutputFolder(out, journal);
    // Of every other it is not known how many it will draw.
    const count = runs.indexOf(journal) % 2 === 0 ? 300 : undefined;
    const numbers = folder.numbers("a", 0, Number.POSITIVE_INFINITY, count);
    const name = await folder.free("samples", ".npz");
    return { name, first: (await numbers).take(1, { batch: 0, at: 0 }), count: count ?? 1_000_000 };
  };
  const chosen = await Promise.all(runs.map(chosenBy));
  const names = ["samples.npz", ...[2, 3, 4, 5, 6, 7, 8].map((n) => `samples-${n}.npz`)];
  expect(chosen.map(({ name }) => name).sort()).toEqual(names.sort());
  const inOrder = [...chosen].sort((a, b) => a.first - b.first);
  for (const [i, { first, count }] of inOrder.slice(0, -1).entries())
    expect(inOrder[i + 1].first).toBeGreaterThanOrEqual(first + count);
  expect(await Promise.all([...runs].reverse().map(chosenBy))).toEqual([...chosen].reverse());
  await Promise.all(runs.map((one) => one.close(true)));
  expect(readdirSync(out)).toEqual([]);
});
