import { expect, test } from "vitest";
import {
  comparedWith,
  counterpart,
  filesOf,
  picturesOf,
  placeOf,
  searchRuns,
  stepped,
  steppedRun,
} from "../../../client/runs/gallery.ts";
import { viewOfSummary } from "../../../client/runs/run-view.ts";
import { maxOutputsTold, type RunSummary } from "../../../server/protocol.ts";

const run = (number: number, names: readonly string[], more: Partial<RunSummary> = {}) =>
  viewOfSummary({
    ...{ id: `r${number}`, number, title: "Guided DDIM", state: "succeeded", batches: 1, seq: 1 },
    created: "2026-01-01T00:00:00Z",
    outputs: names.map((name) => ({
      ...{ path: "9", name, sha256: "0".repeat(64) },
      mime: name.endsWith(".png") ? "image/png" : "application/octet-stream",
    })),
    ...more,
  } as RunSummary);

const runs = [
  run(3, ["c.png", "c.npz"]),
  run(2, [], { state: "failed", failure: { code: "GRAPH", message: "Out of range" } }),
  run(1, ["a.png", "b.png"], { title: "Red star" }),
];

test("arrows go from picture to picture, over the ends of runs, and stop at the first and the last", () => {
  const c = { run: "r3", name: "c.png" };
  expect(stepped(runs, c, 1)).toEqual({ run: "r1", name: "a.png" });
  expect(stepped(runs, c, 2)).toEqual({ run: "r1", name: "b.png" });
  expect(stepped(runs, c, 9)).toEqual({ run: "r1", name: "b.png" });
  expect(stepped(runs, c, -1)).toEqual(c);
  expect(steppedRun(runs, c, 1)).toEqual({ run: "r1", name: "a.png" });
  expect(steppedRun(runs, { run: "r1", name: "b.png" }, 1)).toEqual({ run: "r1", name: "b.png" });
});

test("arrays are among a run's files, and what was removed from the disk is not", () => {
  expect(filesOf(runs[0]).map(({ name }) => name)).toEqual(["c.png", "c.npz"]);
  expect(filesOf(runs[0], "arrays").map(({ name }) => name)).toEqual(["c.npz"]);
  const { outputs } = runs[0].summary;
  const gone = {
    ...runs[0],
    summary: { ...runs[0].summary, outputs: outputs.map((one) => ({ ...one, missing: true as const })) },
  };
  expect([...picturesOf(gone), ...filesOf(gone)]).toEqual([]);
});

test("runs are found by number, title, state, what they said and their files", () => {
  const numbers = (query: string) => searchRuns(runs, query).map(({ summary }) => summary.number);
  expect(numbers("")).toEqual([3, 2, 1]);
  expect(numbers("#2")).toEqual([2]);
  expect(numbers("star")).toEqual([1]);
  expect(numbers("guided failed")).toEqual([2]);
  expect(numbers("range")).toEqual([2]);
  expect(numbers("b.png")).toEqual([1]);
  expect(numbers("nothing")).toEqual([]);
});

test("a picture's place is that of its number, and only known where all are told", () => {
  const names = (count: number) => Array.from({ length: count }, (_, i) => `a2-${String(i).padStart(4, "0")}.png`);
  const mixed = run(1, ["b.npz", "a2-10000.png", "a2-0002.png", "a2-9999.png"], { batches: 3 });
  expect(placeOf(mixed, "a2-9999.png")).toEqual({ path: "9", index: 1, count: 3, batches: 3 });
  expect(placeOf(mixed, "a2-10000.png")?.index).toBe(2);
  expect(placeOf(mixed, "other.png")).toBeUndefined();
  expect(placeOf(run(1, names(maxOutputsTold)), "a2-0007.png")).toMatchObject({ index: 7, count: 200 });
  expect(placeOf(run(1, names(20), { outputCount: 1_000 }), "a2-0007.png")).toBeUndefined();
});

test("a run is compared with the last one with pictures before it, of its own document where there is one", () => {
  const all = [
    run(5, ["e.png"]),
    run(4, ["d.png"], { title: "Red star" }),
    run(3, []),
    run(2, ["b.png"]),
    run(1, ["a.png"], { title: "Red star" }),
  ];
  const other = (number: number) => comparedWith(all, all[5 - number])?.summary.number;
  expect([5, 4, 3, 2, 1].map(other)).toEqual([2, 1, 2, 1, 4]);
  expect(comparedWith([all[0], all[2]], all[0])).toBeUndefined();
});

test("its picture is compared with the one that stands where it does, else of its name, else with the first", () => {
  const at = (path: string, ...names: string[]) =>
    names.map((name) => ({ path, name, mime: "image/png", sha256: "0".repeat(64) }));
  const mine = run(2, [], { outputs: [...at("7", "x-2.png", "x-10.png"), ...at("9", "sheet.png")] });
  const same = run(1, [], { outputs: [...at("9", "other-name.png"), ...at("7", "y-10.png", "y-2.png")] });
  expect(counterpart(mine, "sheet.png", same)).toBe("other-name.png");
  expect(counterpart(mine, "x-10.png", same)).toBe("y-10.png");
  expect(counterpart(mine, "sheet.png", run(1, [], { outputs: at("3", "first.png", "sheet.png") }))).toBe("sheet.png");
  expect(counterpart(mine, "sheet.png", run(1, [], { outputs: at("3", "first.png") }))).toBe("first.png");
  expect(counterpart(mine, "sheet.png", run(1, []))).toBeUndefined();
});
