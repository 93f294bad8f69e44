#!/usr/bin/env node
// Starts the built command line; builds the project when it is absent, so that `npx guidegraph` works straight after `npm ci`.
import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const dist = join(dirname(dirname(fileURLToPath(import.meta.url))), "dist");
const mainIn = (folder) => join(folder, "server", "cli", "main.js");

if (!existsSync(mainIn(dist)) && !existsSync(mainIn(join(dist, "joined")))) {
  console.error("Building GuideGraph (once; it may take two minutes) …");
  const { build } = await import("./build.mjs");
  await build();
}
await import(pathToFileURL(mainIn(isJoinedLast() ? join(dist, "joined") : dist)).href);

/** Whether TypeScript alone was asked for since the modules were joined: then they run as they are. It leaves its records in dist/. */
function isJoinedLast() {
  const joined = timeOf(join(dist, "joined", "builder"));
  const records = readdirSync(dist).filter((name) => name.endsWith(".tsbuildinfo"));
  return joined > 0 && records.every((name) => timeOf(join(dist, name)) <= joined);
}

function timeOf(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
