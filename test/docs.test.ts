/** What the documents name is there: a moved file takes its mentions with it. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const files = execFileSync("git", ["ls-files"], { cwd: root, encoding: "utf8" }).trim().split("\n");
const folders = new Set(files.flatMap((file) => file.split("/").map((_, i, parts) => parts.slice(0, i).join("/"))));
const documents = files.filter((file) => /^(\w+|docs\/[\w-]+|graphs\/\w+|models\/\w+)\.md$/.test(file));

/** `folder/`, `folder/file.ts` and links to them; what holds a placeholder or stands for a user's file is passed over. */
function namesIn(text: string): string[] {
  const quoted = [...text.matchAll(/`([\w./-]+)`/g)].map(([, name]) => name);
  const linked = [...text.matchAll(/\]\((?!https?:|#)([\w./-]+)(?:#[\w-]*)?\)/g)].map(([, name]) => name);
  return [...quoted.filter((name) => /^[a-z][\w-]*(\/[\w.-]+)*(\/|\.ts|\.mjs)$/.test(name)), ...linked];
}

/** Given whole, or by its end: within a room the room's name goes without saying. */
function isThere(name: string, from: string): boolean {
  const plain = name.replace(/\/$/, "");
  const beside = new URL(name, `file:///${from}`).pathname.slice(1).replace(/\/$/, "");
  const all = name.endsWith(".ts") || name.endsWith(".mjs") ? files : [...files, ...folders];
  return all.some((one) => one === plain || one === beside || one.endsWith(`/${plain}`));
}

test("documents are found, with the files they name", () => {
  expect(documents).toEqual(expect.arrayContaining(["README.md", "ARCHITECTURE.md", "docs/protocol.md"]));
  expect(namesIn(readFileSync(`${root}/ARCHITECTURE.md`, "utf8")).length).toBeGreaterThan(50);
  expect(isThere("canvas/nothing.ts", "ARCHITECTURE.md")).toBe(false);
});

test.each(documents)("%s names no file that is not there", (document) => {
  const names = namesIn(readFileSync(`${root}/${document}`, "utf8"));
  expect(names.filter((name) => !isThere(name, document))).toEqual([]);
});

test("docs/export.md tells of every bundled graph what leaves", () => {
  const [, part] = readFileSync(`${root}/docs/export.md`, "utf8").split("## What leaves");
  const [told] = part.split("\n## ");
  const graphs = files.flatMap((file) => /^graphs\/([\w-]+)\.json$/.exec(file)?.[1] ?? []);
  const named = [...told.matchAll(/^\| `([\w-]+)` /gm)].map(([, name]) => name);
  expect(named.sort()).toEqual(graphs.sort());
});
