import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folders } from "../../../server/files/folders.ts";
import { Hashes } from "../../../server/files/hashes.ts";
import { byFlag } from "../../../server/files/how-to-bring.ts";
import { resolveInside } from "../../../server/files/resolve-inside.ts";
import { temporaryFolder } from "../../support/cli.ts";

const base = mkdtempSync(join(tmpdir(), "guidegraph-"));
const root = join(base, "models");
mkdirSync(join(root, "deep"), { recursive: true });
mkdirSync(join(base, "models2"));
writeFileSync(join(root, "a.pt"), "a");
writeFileSync(join(root, "deep/b.pt"), "b");
writeFileSync(join(root, "é.pt".normalize("NFC")), "e");
writeFileSync(join(base, "secret.pt"), "s");
writeFileSync(join(base, "models2/c.pt"), "c");
symlinkSync(join(base, "secret.pt"), join(root, "link.pt"));
symlinkSync(base, join(root, "up"));
symlinkSync(root, join(base, "linked-root"));

test("a listed file is found, also through a folder that is itself a link", async () => {
  expect(await resolveInside(root, "a.pt")).toBe(await realpath(join(root, "a.pt")));
  expect(await resolveInside(root, "deep/b.pt")).toBe(await realpath(join(root, "deep/b.pt")));
  expect(await resolveInside(join(base, "linked-root"), "a.pt")).toBe(await realpath(join(root, "a.pt")));
});

test.each([
  "",
  ".",
  "..",
  "../secret.pt",
  "./a.pt",
  "deep/../a.pt",
  "deep/../../secret.pt",
  "deep//b.pt",
  "/a.pt",
  join(root, "a.pt"),
  "..\\secret.pt",
  "deep\\b.pt",
  "C:\\a.pt",
  "C:a.pt",
  "\\\\host\\share\\a.pt",
  "//host/share/a.pt",
  "file:///etc/passwd",
  "%2e%2e/secret.pt",
  "a.pt\0.png",
  "a.pt.",
  "a.pt ",
  " a.pt",
  "A.PT",
  "é.pt".normalize("NFD"),
  "link.pt",
  "up/secret.pt",
  "up/models/a.pt",
  "../models2/c.pt",
  "deep",
  "~/a.pt",
  "a.pt/",
  "CON",
  `${"a".repeat(5000)}.pt`,
])("the id %j is nobody's", async (id) => {
  expect(await resolveInside(root, id)).toBeUndefined();
});

test("a name that is shown as another is none, and is not listed", async () => {
  const root = await realpath(temporaryFolder());
  // Shown as "cat-gnp.pt".
  const turned = "cat-\u202etp.png";
  writeFileSync(join(root, turned), "");
  writeFileSync(join(root, "cat.png"), "");
  expect(await resolveInside(root, turned)).toBeUndefined();
  expect(await resolveInside(root, "cat.png")).toBe(join(root, "cat.png"));
  const listed = await folders({
    models: [],
    images: [root],
    hashes: new Hashes(temporaryFolder()),
    howToBring: byFlag,
  }).listImages();
  expect(listed).toEqual(["cat.png"]);
});
