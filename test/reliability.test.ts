/** docs/reliability.md: every threat, fault and load has its row, and every row a command that there is. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const text = readFileSync(`${root}/docs/reliability.md`, "utf8");
const { scripts } = JSON.parse(readFileSync(`${root}/package.json`, "utf8")) as { scripts: Record<string, string> };

const rows = [...text.matchAll(/^\| ([TKL]\d+) +\|(.+)\|$/gm)].map(([, name, row]) => {
  const [, command = ""] = /\| `((?:npx|npm) [^`]+)` +\|/.exec(row) ?? [];
  return { name, command };
});

test("each has one row, or is named among what is not here yet", () => {
  const numbered = (letter: string, count: number) =>
    Array.from({ length: count }, (_, i) => `${letter}${letter === "T" ? String(i + 1).padStart(2, "0") : i + 1}`);
  const absent = /^Not here yet: (.+)$/m.exec(text)?.[1].match(/\b[TL]\d+\b/g) ?? [];
  const told = [...rows.map(({ name }) => name).filter((name) => !name.startsWith("K")), ...absent].sort();
  expect(told).toEqual([...numbered("T", 64), ...numbered("L", 12)].sort());
});

test.each(rows)("$name: $command", ({ command }) => {
  const script = /^npm run ([\w-]+)/.exec(command);
  if (script) return expect(scripts).toHaveProperty(script[1]);
  if (command === "npm ci && npm test") return;
  const [, files = "", , title = ""] =
    /^npx vitest run (test\/\S+(?: test\/\S+)*)( -t "([^"]+)")?$/.exec(command) ?? [];
  expect(files, "a command").not.toBe("");
  for (const file of files.split(" ")) {
    expect(existsSync(`${root}/${file}`), file).toBe(true);
    // As Vitest looks for it: in the titles of a test and of the groups around it.
    expect(readFileSync(`${root}/${file}`, "utf8")).toContain(title);
  }
});
