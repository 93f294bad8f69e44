/** The package as npm makes it, unpacked where it can reach nothing but its own dependencies. `npm test` has built it. */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import { packageRoot } from "../server/files/package-root.ts";
import { cudaRefusal } from "../server/providers/devices.ts";
import { temporaryFolder, testCache } from "./support/cli.ts";

const manifest = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8"));
const folder = temporaryFolder();
const installed = join(folder, "node_modules", "guidegraph");

/** In the empty folder, as a person there would. */
const start = (program: string, ...args: readonly string[]) =>
  promisify(execFile)(program, args, { cwd: folder, env: { ...process.env, GUIDEGRAPH_CACHE: testCache } });

let packed: { readonly filename: string; readonly size: number; readonly files: readonly { readonly path: string }[] };

beforeAll(async () => {
  mkdirSync(installed, { recursive: true });
  const { stdout } = await start("npm", "pack", packageRoot, "--json", "--ignore-scripts");
  [packed] = JSON.parse(stdout);
  await start("tar", "-xzf", packed.filename, "-C", installed, "--strip-components=1");
  for (const name of Object.keys(manifest.dependencies)) {
    const place = join(folder, "node_modules", name);
    mkdirSync(dirname(place), { recursive: true });
    symlinkSync(join(packageRoot, "node_modules", name), place, "dir");
  }
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
});

test("it holds what is used, and nothing of tests, source maps, build records and rooms that no entry leads to, in 22 MB", () => {
  expect(packed.size).toBeLessThan(22e6);
  const paths = packed.files.map(({ path }) => path);
  expect(paths).toEqual(expect.arrayContaining(["LICENSE", "models/README.md", "dist/editor/index.html"]));
  const unused =
    /^(test|dist\/test|client|dist\/export)\/|^dist\/server\/(?!protocol)|\.map$|\.tsbuildinfo$|(?<!\.d)\.ts$/;
  expect(paths.filter((path) => unused.test(path))).toEqual([]);
});

test("an example runs by its name in an empty folder", async () => {
  const bin = join(installed, manifest.bin.guidegraph);
  const few = ["--set", "Diffusion Schedule.timestep_respacing=ddim2", "--set", "Noise.batch=2"];
  const wanted = ["--set", "Wanted shape.classes=3,4", "--backend", "cpu"];
  const { stdout } = await start(process.execPath, bin, "run", "guided-ddim", ...few, ...wanted, "--out", "out");
  expect(stdout).toBe("out/guided-ddim-0000.png\nout/samples_2x32x32x3.npz\n");
  expect(existsSync(join(folder, "out", "guided-ddim-0000.png"))).toBe(true);
});

test.skipIf(cudaRefusal() === undefined)("what it says is missing can be fetched from there", async () => {
  const bin = join(installed, manifest.bin.guidegraph);
  const refused = await start(process.execPath, bin, "measure", "--devices", "cuda:0").catch(({ stderr }) => stderr);
  expect(refused).toMatch(/its library is not installed \(.* node .*onnxruntime-node.script.install\.js fetches it\)/);
});

/** The scripts of a document, by the order in which they stand there. */
const scriptsOf = (document: string): string[] =>
  [...readFileSync(join(packageRoot, document), "utf8").matchAll(/```js\n([\s\S]*?)```/g)].map(([, script]) => script);

test("the scripts of the documents run there as they stand", async () => {
  if (!existsSync(join(folder, "models"))) symlinkSync(join(packageRoot, "models"), join(folder, "models"), "dir");
  const [, graph, toolkit] = scriptsOf("README.md");
  const [loss] = scriptsOf("docs/own-losses.md");
  for (const [i, script] of [graph, toolkit, loss].entries()) {
    writeFileSync(join(folder, `${i}.mjs`), script);
    await start(process.execPath, `${i}.mjs`);
  }
  expect(existsSync(join(folder, "gradient.onnx"))).toBe(true);
  const bin = join(installed, manifest.bin.guidegraph);
  await start(process.execPath, bin, "check", "noise.json");
  const few = ["Diffusion Schedule.timestep_respacing=1", "Noise.batch=1", "Real pictures.count=1", "My loop.zeta=4"];
  const set = few.flatMap((one) => ["--set", one]);
  const { stdout } = await start(
    process.execPath,
    bin,
    "run",
    "own-loss.json",
    ...set,
    "--backend",
    "cpu",
    "--out",
    "losses",
  );
  expect(stdout).toBe("losses/mine-0000.png\nlosses/library-0000.png\n");
});

/** A function of each entry that has code; none of them takes a number alone. */
const functions = {
  "./nodes": "defineNode",
  "./graphs/document": "documentBuilder",
  "./executor": "plan",
  "./runtime": "readNpz",
  "./onnx": "readModel",
  "./diffusion": "posteriorMean",
  "./litegraph": "connect",
};
const entries = Object.entries(functions).map(([entry, name]) => [entry.replace(".", "guidegraph"), name] as const);

test("every entry is imported by its name", async () => {
  expect(Object.keys(manifest.exports)).toEqual([...Object.keys(functions), "./package.json"]);
  for (const [entry, name] of entries) {
    const script = `import { ${name} } from "${entry}"; console.log(typeof ${name});`;
    const { stdout } = await start(process.execPath, "--input-type=module", "--eval", script);
    expect([entry, stdout]).toEqual([entry, "function\n"]);
  }
});

test.each([
  ["nodenext", "nodenext"],
  ["esnext", "bundler"],
])("every entry has types (module %s, moduleResolution %s)", async (module, moduleResolution) => {
  const lines = entries.flatMap(([entry, name]) => [
    `import { ${name} } from "${entry}";`,
    "// @ts-expect-error it takes no number alone",
    `${name}(1);`,
  ]);
  writeFileSync(join(folder, "user.ts"), lines.join("\n"));
  const tsc = createRequire(import.meta.url)
    .resolve("typescript/package.json")
    .replace("package.json", "bin/tsc");
  const target = ["--strict", "--noEmit", "--target", "es2023", "--lib", "es2023,dom,dom.iterable"];
  const resolution = ["--module", module, "--moduleResolution", moduleResolution];
  const { stdout } = await start(process.execPath, tsc, ...target, ...resolution, "user.ts");
  expect(stdout).toBe("");
});

/**
 * onnxruntime-node's install script fetches half a gigabyte of CUDA libraries, and fails without a network. Newer npm asks
 * `allowScripts` which scripts run; older npm runs those of packages that the lock file marks.
 */
test("npm ci runs no script of a dependency that it was not told to", () => {
  const lock = JSON.parse(readFileSync(join(packageRoot, "package-lock.json"), "utf8"));
  const withScripts = Object.keys(lock.packages).filter((path) => lock.packages[path].hasInstallScript);
  const names = withScripts.map((path) => path.replace(/^.*node_modules\//, ""));
  expect(names).not.toContain("onnxruntime-node");
  expect(Object.keys(manifest.allowScripts)).toEqual(expect.arrayContaining([...names, "onnxruntime-node"]));
  expect(manifest.allowScripts["onnxruntime-node"]).toBe(false);
});
