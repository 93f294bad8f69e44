import { expect, test } from "vitest";
import { Pictures, type PicturesOptions } from "../../../client/runs/pictures.ts";
import type { Sheet } from "../../../client/runs/sheet.ts";

/** A sheet of `side` × `side` that no browser has to draw. */
const sheet = (side: number): Sheet =>
  ({ image: { width: side, height: side }, width: side, height: side, cell: { width: side, height: side } }) as Sheet;
const makeSheet = ([, side]: readonly number[]): Sheet => sheet(side);
const picturesWith = (options: PicturesOptions) => new Pictures({ makeSheet, ...options });
const preview = (run: string, index?: number, count = 100) => ({
  type: "preview" as const,
  run,
  path: "7",
  ...(index !== undefined && { index, count }),
  dims: [1, 16, 16, 3] as [number, number, number, number],
  pictures: new Uint8Array(),
});
const bytes = 16 * 16 * 4;

test("the last picture of a node is kept, and of a loop the film; a step that comes again takes its place", () => {
  const pictures = picturesWith({});
  for (const index of [0, 1, 2, 1]) pictures.show(preview("a", index));
  expect(pictures.film("a", "7").map(({ index }) => index)).toEqual([0, 1]);
  expect(pictures.picture("a", "7")).toMatchObject({ width: 16 });
  expect(pictures.films("a")).toEqual(["7"]);
  expect(pictures.film("b", "7")).toEqual([]);
});

test("a film is of one batch, and says which: the first frame of another begins another, whichever step that shows", () => {
  const pictures = picturesWith({});
  const show = (batch: number, index: number) => pictures.show({ ...preview("a", index, 9), batch, batches: 3 });
  const film = () => pictures.film("a", "7").map(({ batch, index }) => `${batch}: ${index}`);
  for (const index of [0, 1, 4]) show(0, index);
  expect(film()).toEqual(["0: 0", "0: 1", "0: 4"]);
  // Another device was ahead with its batch when the turn came to it.
  for (const index of [6, 8]) show(1, index);
  expect(film()).toEqual(["1: 6", "1: 8"]);
  show(2, 8);
  expect(film()).toEqual(["2: 8"]);
});

test("a hundred runs take no more than they may; the ones looked at last stay", () => {
  const pictures = picturesWith({ maxBytes: 20 * bytes });
  for (let run = 0; run < 100; run++) {
    for (let index = 0; index < 5; index++) pictures.show(preview(`${run}`, index));
    pictures.picture("0", "7");
  }
  const kept = Array.from({ length: 100 }, (_, run) => `${run}`).filter((run) => pictures.films(run).length > 0);
  expect(kept).toEqual(["0", "97", "98", "99"]);
});

test("runs that show pictures without a loop are forgotten as well", () => {
  const pictures = picturesWith({ maxBytes: 3 * bytes });
  for (let run = 0; run < 10; run++) pictures.show(preview(`${run}`));
  expect(Array.from({ length: 10 }, (_, run) => pictures.paths(`${run}`).length)).toEqual([
    0, 0, 0, 0, 0, 0, 0, 1, 1, 1,
  ]);
});

test("a film that grows too large loses every other frame and keeps its last", () => {
  const pictures = picturesWith({ maxFilmBytes: 8 * bytes });
  for (let index = 0; index < 1_000; index++) pictures.show(preview("a", index, 1_000));
  const steps = pictures.film("a", "7").map(({ index }) => index);
  expect(steps.length).toBeLessThanOrEqual(8);
  expect(steps.at(-1)).toBe(999);
  expect(steps.length).toBeGreaterThan(3);
});

test("a file is loaded once, and counts", async () => {
  const pictures = picturesWith({ maxBytes: 2 * bytes });
  let loads = 0;
  const load = async () => {
    loads++;
    return sheet(16);
  };
  await new Promise<void>((resolve) => {
    expect(pictures.file("a", "x.png", load, resolve)).toBeUndefined();
    expect(pictures.file("a", "x.png", load, resolve)).toBeUndefined();
  });
  expect(pictures.file("a", "x.png", load, () => {})).toMatchObject({ width: 16 });
  expect(loads).toBe(1);
  for (const run of ["b", "c", "d"]) pictures.show(preview(run));
  expect(pictures.file("a", "x.png", load, () => {})).toBeUndefined();
  expect(loads).toBe(2);
});

test("a file that could not be loaded is, once it is to be tried again", async () => {
  const pictures = picturesWith({});
  let isAway = true;
  let loads = 0;
  const load = async () => {
    loads++;
    if (isAway) throw new Error("the server is away");
    return sheet(16);
  };
  const ask = () => new Promise<void>((resolve) => pictures.file("a", "x.png", load, resolve));
  void ask();
  await new Promise((resolve) => setImmediate(resolve));
  void ask();
  expect(loads).toBe(1);
  isAway = false;
  pictures.retry();
  await ask();
  expect(pictures.file("a", "x.png", load, () => {})).toMatchObject({ width: 16 });
});
