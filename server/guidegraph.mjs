#!/usr/bin/env node
// Starts the built command line; builds it first when it is absent, so that `npx guidegraph` works straight after `npm ci`.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const main = join(root, "dist", "server", "cli", "main.js");
if (!existsSync(main)) {
  console.error("Building GuideGraph (once) …");
  const manifest = createRequire(import.meta.url).resolve("typescript/package.json");
  const build = spawnSync(process.execPath, [join(dirname(manifest), "bin", "tsc"), "--build", root], {
    stdio: "inherit",
  });
  if (build.status !== 0) process.exit(build.status ?? 1);
}
await import(pathToFileURL(main).href);
