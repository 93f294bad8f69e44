#!/usr/bin/env node
// Starts the built command line; builds the project when it is absent, so that `npx guidegraph` works straight after `npm ci`.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const main = join(root, "dist", "server", "cli", "main.js");
if (!existsSync(main)) {
  console.error("Building GuideGraph (once) …");
  const { build } = await import("./build.mjs");
  build();
}
await import(pathToFileURL(main).href);
