// `npm run build`. With --if-changed, as `npm start` builds, only if a source changed since; with --anew, as npm calls it
// before it packs, without what older sources left in dist/. With --code, without editor and plugin, which a measurement of the
// rest needs not.
import { spawnSync } from "node:child_process";
import { readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { joinModules } from "./join.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folders = [
  "client",
  "diffusion",
  "executor",
  "export",
  "graphs",
  "nodes",
  "onnx",
  "runtime",
  "server",
  "spelling",
];
const manifests = ["package.json", "package-lock.json", "tsconfig.base.json", "tsconfig.json", "tsconfig.shared.json"];
/** Written when everything is built. */
const stamp = join(root, "dist", "built");

/** TypeScript to dist/, types checked, then the editor, the plugin and the joined modules. */
export async function build({ isCodeAlone = false } = {}) {
  run("typescript", "bin/tsc", ["--build", root]);
  for (const part of isCodeAlone ? [] : ["client", "client/plugin"])
    run("vite", "bin/vite.js", ["build", part, "--config", `${part}/vite.config.mjs`, "--logLevel", "error"]);
  await joinModules(root);
  if (!isCodeAlone) writeFileSync(stamp, "");
}

export async function buildIfChanged() {
  if (isBuilt()) return;
  console.error("Building GuideGraph …");
  await build();
}

/** A folder's own time tells of files that are gone. */
function isBuilt() {
  const built = timeOf(stamp);
  const files = folders.flatMap((folder) => [
    folder,
    ...readdirSync(join(root, folder), { recursive: true }).map((name) => join(folder, name)),
  ]);
  return [...files, ...manifests].every((file) => timeOf(join(root, file)) < built);
}

const timeOf = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

function run(name, bin, args) {
  const folder = dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
  const { status } = spawnSync(process.execPath, [join(folder, bin), ...args], { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes("--anew")) rmSync(join(root, "dist"), { recursive: true, force: true });
  if (process.argv.includes("--if-changed")) await buildIfChanged();
  else await build({ isCodeAlone: process.argv.includes("--code") });
}
