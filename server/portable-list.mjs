// What a portable bundle holds, and how it is started; portable.mjs packs it.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** Built for another C library, for browsers, or for reading alone. */
const leftOut = [
  /musl/,
  /^node_modules\/onnxruntime-web$/,
  /^node_modules\/@types\//,
  /^node_modules\/@img\/sharp-wasm/,
];
export const unread = /\.(map|d\.ts|d\.mts|d\.cts)$/;

export const run = `#!/bin/sh
# ./run.sh serve, ./run.sh run graph.json --out out, …: guidegraph, by the Node beside it.
here=$(cd -P "$(dirname "$0")" && pwd)
exec "$here/bin/node" "$here/app/server/guidegraph.mjs" "$@"
`;

/** Paths from the repository on: files of the project, and folders of the packages that it runs on. */
export const bundled = (hasModels) => [
  ...published().filter(
    (file) => !unread.test(file) && (hasModels || !file.startsWith("models/") || file === "models/README.md"),
  ),
  ...packages(),
];

/** As npm would pack it. */
// npm takes seconds to say it.
let told;
function published() {
  told ??= command("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"]);
  return JSON.parse(told)[0].files.map(({ path }) => path);
}

/** The folders of all packages that run here, without those of development. */
function packages() {
  const { packages } = manifest("package-lock.json");
  const isHere = (only, here) => !only || only.includes(here);
  return Object.entries(packages).flatMap(([folder, { dev, os, cpu }]) => {
    const runs = folder !== "" && !dev && isHere(os, "linux") && isHere(cpu, "x64");
    return runs && !leftOut.some((one) => one.test(folder)) && existsSync(join(root, folder)) ? [folder] : [];
  });
}

export const manifest = (name) => JSON.parse(readFileSync(join(root, name), "utf8"));

export function command(name, args, environment = {}) {
  const { status, stdout, stderr, error } = spawnSync(name, args, {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 2 ** 28,
    env: { ...process.env, ...environment },
  });
  if (status !== 0) throw new Error(`${name} ${args.slice(0, 3).join(" ")}: ${error?.message ?? stderr}`);
  return stdout;
}
