import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** What each folder may import beside itself and packages. The longest matching entry counts, on both sides. */
const directions: Record<string, readonly string[]> = {
  diffusion: [],
  onnx: [],
  nodes: ["diffusion", "graphs/document/structures.ts", "onnx/adm/role.ts"],
  "graphs/document": [],
  executor: ["nodes", "graphs/document"],
  "graphs/recipes": ["graphs/document", "nodes"],
  runtime: ["onnx", "diffusion", "nodes"],
  server: ["diffusion", "onnx", "nodes", "graphs/document", "graphs/recipes", "executor", "runtime"],
  client: ["diffusion", "onnx", "nodes", "graphs/document", "executor", "runtime", "server/protocol.ts"],
};

/** Packages that tie code to one side; shared folders run on both. */
const oneSided = /^(node:|fs$|path$|express$|ws$|onnxruntime-node$|onnxruntime-web$|litegraph\.js|playwright-core$)/;
const shared = ["diffusion", "onnx", "nodes", "graphs/document", "executor", "runtime"];

const specifier =
  /(?:^|[\s;}])(?:import|export)\s+(?:type\s+)?(?:[\w*\s{},$]+?\s+from\s+)?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/g;

const sources = Object.keys(directions).flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") || name.endsWith(".mjs"))
    .map((name) => ({ folder, file: `${folder}/${name}` })),
);

const importsOf = (file: string): string[] =>
  [...readFileSync(join(root, file), "utf8").matchAll(specifier)].map((match) => match[1] ?? match[2]);

test("sources are found, with their imports", () => {
  expect(sources.length).toBeGreaterThan(50);
  expect(importsOf("executor/run.ts")).toEqual(expect.arrayContaining(["rxjs", "../nodes/index.ts", "./cache.ts"]));
});

for (const folder of Object.keys(directions))
  test(`${folder}/ imports only what lies below it`, () => {
    const wrong = sources
      .filter((source) => source.folder === folder)
      .flatMap(({ file }) =>
        importsOf(file).flatMap((name) => (mayImport(file, name, folder) ? [] : `${file} imports ${name}`)),
      );
    expect(wrong).toEqual([]);
  });

test("a wrong direction, a one-sided package and a missing ending are seen", () => {
  expect(mayImport("onnx/a.ts", "../nodes/index.ts", "onnx")).toBe(false);
  expect(mayImport("client/a.ts", "../server/runs.ts", "client")).toBe(false);
  expect(mayImport("client/a.ts", "../server/protocol.ts", "client")).toBe(true);
  expect(mayImport("runtime/a.ts", "node:fs", "runtime")).toBe(false);
  expect(mayImport("nodes/a.ts", "./b", "nodes")).toBe(false);
});

function mayImport(file: string, name: string, folder: string): boolean {
  if (!name.startsWith(".")) return !(shared.includes(folder) && oneSided.test(name));
  const target = relative(root, join(root, dirname(file), name));
  const allowed = [folder, ...directions[folder]].some((one) => target === one || target.startsWith(`${one}/`));
  return allowed && /\.(ts|json|css|mjs)$/.test(name);
}
