import { mkdirSync, realpathSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { withoutFolders } from "../../../server/files/without-folders.ts";
import { temporaryFolder } from "../../support/cli.ts";

const words =
  "Run r was accepted: 3 waited, /srv/data2 and data.old are read; the end is in /a/b/model.pt, id ed.1-x_é";

/** Names that are parts of words, of each other, or mean something in a pattern. */
const names = [
  ..."abdiopre",
  "ed",
  "data",
  "data.",
  "a-b",
  "é",
  "x(1)",
  "$&",
  "[a]",
  "a+b",
  "ünï cödé",
  "a|b",
  "^",
  "...",
];

test.each(names)("a folder “%s” is replaced where its whole path stands, and in no word", (name) => {
  for (const folder of [name, join("in", name), join("/srv", name)]) {
    const told = withoutFolders({ [folder]: "[data]" });
    expect(told(words)).toBe(words);
    const path = resolve(folder);
    for (const [left, right] of [
      ["", ""],
      ["Cannot read ", ": it is gone"],
      ["“", "”"],
      ["--data=", "/runs.db"],
      ["at file://", "/x.js:3:4)"],
      ["in ", "."],
      ["in ", ".\n"],
    ])
      expect(told(`${left}${path}${right}`)).toBe(`${left}[data]${right}`);
    for (const longer of [`${path}2`, `${path}é/x`, `${path}.old`, `${path}-2`, `/mnt${path}`, `x${path}`, `..${path}`])
      expect(told(longer)).toBe(longer);
  }
});

test("of folders in each other the nearest is told; a root and no folder are none", () => {
  const told = withoutFolders({ "/home/me": "~", "/home/me/data": "[data]", "/": "…" });
  expect(told("/home/me/data/x, /home/me/database, /home/me, /home/meredith and /etc")).toBe(
    "[data]/x, ~/database, ~, /home/meredith and /etc",
  );
  expect(withoutFolders({})(words)).toBe(words);
});

test("a folder behind a link is told by neither of its names", () => {
  const folder = temporaryFolder();
  const [real, link] = [join(folder, "real"), join(folder, "link")];
  mkdirSync(real);
  symlinkSync(real, link);
  expect(withoutFolders({ [link]: "[data]" })(`${link}/a ${realpathSync(real)}/b`)).toBe("[data]/a [data]/b");
});
