import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeFolder } from "../../../server/files/make-folder.ts";
import { temporaryFolder } from "../../support/cli.ts";

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
