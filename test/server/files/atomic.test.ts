import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { linesOf } from "../../../server/cli/errors.ts";
import { unfinished, writeAtomically, writePieces } from "../../../server/files/atomic.ts";

const folder = mkdtempSync(join(tmpdir(), "guidegraph-"));

test("a file is whole: its pieces in order, its folder made", async () => {
  await writePieces(join(folder, "new/a.bin"), [Uint8Array.of(1, 2), Uint8Array.of(3)]);
  expect([...readFileSync(join(folder, "new/a.bin"))]).toEqual([1, 2, 3]);
  expect(readdirSync(join(folder, "new"))).toEqual(["a.bin"]);
});

test("when writing fails nothing is left, and the earlier file stays", async () => {
  const path = join(folder, "b.bin");
  await writePieces(path, [Uint8Array.of(1)]);
  const failing = writeAtomically(path, async (file) => {
    await file.writeFile("half");
    expect(unfinished.size).toBe(1);
    throw new Error("disk full");
  });
  await expect(failing).rejects.toThrow("disk full");
  expect([...readFileSync(path)]).toEqual([1]);
  expect(readdirSync(folder).filter((name) => name.includes("tmp"))).toEqual([]);
  expect(unfinished.size).toBe(0);
});

test("a disk that is full is told with the file that had no room", async () => {
  const path = join(folder, "d.bin");
  const full = Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
  const error = await writeAtomically(path, () => Promise.reject(full)).catch((error: unknown) => error);
  expect(linesOf(error)).toEqual([
    `Cannot write ${path}: the disk is full; free some space there, then start it again`,
  ]);
});

test("what is new is put in nobody's place, and who comes second leaves nothing", async () => {
  const path = join(folder, "c.bin");
  const writes = ["one", "other"].map((text) =>
    writeAtomically(path, (file) => file.writeFile(text), { isNew: true }).then(
      () => text,
      (error) => error.code,
    ),
  );
  const came = await Promise.all(writes);
  expect(came.filter((one) => one === "EEXIST")).toHaveLength(1);
  expect(readFileSync(path, "utf8")).toBe(came.find((one) => one !== "EEXIST"));
  expect(readdirSync(folder).filter((name) => name.includes("tmp"))).toEqual([]);
});
