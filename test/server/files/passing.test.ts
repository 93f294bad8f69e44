import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openFilesLimit } from "../../../server/files/open-files.ts";
import { noneUnlessPassing } from "../../../server/files/passing.ts";
import { temporaryFolder } from "../../support/cli.ts";

test.each(["EMFILE", "ENFILE", "ENOMEM"])("what is refused with %s is not taken for gone", (code) => {
  const error = Object.assign(new Error("no"), { code });
  expect(() => noneUnlessPassing([])(error)).toThrow(error);
});

test.each(["ENOENT", "ENOTDIR", "EACCES", "EIO", undefined])("what is refused with %s is nothing", (code) => {
  expect(noneUnlessPassing(7)(Object.assign(new Error("no"), { code }))).toBe(7);
});

test("how many files may be open is what the system says, where it says it", () => {
  const file = join(temporaryFolder(), "limits");
  const lines = (most: string) =>
    `Limit  Soft Limit  Hard Limit  Units\nMax open files            ${most}   4096   files\n`;
  for (const [most, said] of [
    ["1024", 1_024],
    ["unlimited", undefined],
  ] as const) {
    writeFileSync(file, lines(most));
    expect(openFilesLimit(file)).toBe(said);
  }
  expect(openFilesLimit(`${file}.none`)).toBeUndefined();
});
