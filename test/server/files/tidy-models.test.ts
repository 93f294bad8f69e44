import { readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tidyModels } from "../../../server/files/tidy-models.ts";
import { temporaryFolder } from "../../support/cli.ts";

/** A folder of files of 100 bytes, each last used so many seconds ago. */
function folderOf(files: Readonly<Record<string, number>>): string {
  const folder = temporaryFolder();
  for (const [name, seconds] of Object.entries(files)) {
    writeFileSync(join(folder, name), Buffer.alloc(100));
    const time = Date.now() / 1_000 - seconds;
    utimesSync(join(folder, name), time, time);
  }
  return folder;
}

test("tidyModels lets the least recently used go, each with its weights, until the rest fits", async () => {
  const files = { "old.onnx": 900, "old.onnx.data": 5_000, "note.json": 700, "mid.onnx": 500, "new.onnx": 100 };
  const folder = folderOf(files);
  expect(await tidyModels(folder, { maxBytes: 500, restMs: 1 })).toBe(0);
  expect(await tidyModels(folder, { maxBytes: 200, restMs: 1_000 })).toBe(300);
  expect(readdirSync(folder).sort()).toEqual(["mid.onnx", "new.onnx"]);
});

test("tidyModels leaves what was used a moment ago, however full the folder is", async () => {
  const folder = folderOf({ "old.onnx": 900, "now.onnx": 5, ".now.onnx.12.0.tmp": 5 });
  await tidyModels(folder, { maxBytes: 0, restMs: 60_000 });
  expect(readdirSync(folder).sort()).toEqual([".now.onnx.12.0.tmp", "now.onnx"]);
});

test("tidyModels removes what was left unfinished, even where there is room", async () => {
  const folder = folderOf({ "a.onnx": 900, ".b.onnx.12.0.tmp": 900, "c.onnx.data": 900 });
  await tidyModels(folder, { maxBytes: 10_000, restMs: 60_000 });
  expect(readdirSync(folder)).toEqual(["a.onnx"]);
});

test("a folder that is not there is tidy", async () => {
  expect(await tidyModels(join(temporaryFolder(), "absent"), { maxBytes: 0, restMs: 0 })).toBe(0);
});
