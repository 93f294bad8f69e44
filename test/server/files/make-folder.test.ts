import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { writePieces } from "../../../server/files/atomic.ts";
import { alone, takeLock } from "../../../server/files/folder-lock.ts";
import { Journal } from "../../../server/files/journal.ts";
import { neverAgain } from "../../../server/files/kept-roots.ts";
import { makeFolder } from "../../../server/files/make-folder.ts";
import { OutputFolder } from "../../../server/files/output-folder.ts";
import { saveInto } from "../../../server/files/save-into.ts";
import { temporaryFolder } from "../../support/cli.ts";

const server = fileURLToPath(new URL("../../../server", import.meta.url));

test("a folder is made with those above it, and one that exists is left as it is", () => {
  const folder = temporaryFolder();
  const deep = join(folder, "a", "b", "c");
  makeFolder(deep, 0o700);
  expect(statSync(join(folder, "a")).mode & 0o777).toBe(0o700);
  writeFileSync(join(deep, "kept"), "");
  makeFolder(deep);
  expect(existsSync(join(deep, "kept"))).toBe(true);
});

test("below a file there is none", () => {
  const file = join(temporaryFolder(), "file");
  writeFileSync(file, "");
  expect(() => makeFolder(join(file, "a", "b"))).toThrow(
    `Cannot make the folder ${join(file, "a", "b")}: ${file} is a file`,
  );
  expect(() => makeFolder(file)).toThrow("is a file");
});

test.runIf(process.platform === "linux")("where the system takes none, that is said at once", () => {
  expect(() => makeFolder("/proc/none/deeper")).toThrow(
    /^Cannot make the folder \/proc\/none: \/proc takes no new folder \(\w+\)$/,
  );
});

/** Whatever writes below a folder makes those between. */
test.each<[string, (folder: string) => unknown]>([
  ["a folder", (folder) => makeFolder(join(folder, "a"))],
  ["the folder itself", (folder) => makeFolder(folder)],
  ["a file", (folder) => writePieces(join(folder, "a", "b"), [])],
  ["an output", (folder) => saveInto(join(folder, "a"))("b", [])],
  ["an output of a run", (folder) => new OutputFolder(join(folder, "a")).save("b", [])],
  ["a lock", async (folder) => (await takeLock(join(folder, "a"), String))()],
  ["a turn", (folder) => alone(join(folder, "a"), async () => {})],
  ["a journal", async (folder) => (await Journal.open(join(folder, "a"), "run")).close(true)],
])("%s is not made below a folder that was to stay and is gone, and is before and afterwards", async (_, make) => {
  const folder = join(temporaryFolder(), "data");
  const beside = `${folder} beside`;
  makeFolder(folder);
  const end = neverAgain(folder);
  await make(folder);
  rmSync(folder, { recursive: true });
  await expect((async () => make(folder))()).rejects.toThrow(
    `The folder ${folder} is gone: nothing more is written there. Put it back and start again`,
  );
  expect(existsSync(folder)).toBe(false);
  await make(beside);
  end();
  await make(folder);
});

test("all that makes folders with those above them knows which are not made again", () => {
  const others = readdirSync(server, { recursive: true, encoding: "utf8" }).filter(
    (name) => name.endsWith(".ts") && /mkdir\w*\([^;]*recursive: true/.test(readFileSync(join(server, name), "utf8")),
  );
  expect(others.sort()).toEqual([
    // Into folders of their own, which are no server's yet.
    "backup/restore.ts",
    "backup/target.ts",
    // It builds the project.
    "documents/write-bundled.ts",
    // It asks first.
    "files/lock-file.ts",
  ]);
});
