/** Where the package lies: its manifest, bundled models and graphs, from the sources and from dist/ alike. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";

export const packageRoot: string = climb(dirname(fileURLToPath(import.meta.url)));

function climb(folder: string): string {
  const manifest = join(folder, "package.json");
  if (existsSync(manifest) && JSON.parse(readFileSync(manifest, "utf8")).name === "guidegraph") return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error("Cannot find GuideGraph's own package.json: install the package anew");
  return climb(parent);
}

const joined = join(packageRoot, "dist", "joined");

/** Whether this runs from the few files that server/join.mjs makes of all modules, and not from these themselves. */
export const isJoined: boolean = fileURLToPath(import.meta.url).startsWith(join(joined, sep));

/** A program that this one starts, by its place from server/ on: of the same modules. */
export const programAt = (name: string): string =>
  join(isJoined ? joined : join(packageRoot, "dist"), "server", `${name}.js`);

let version: string | undefined;

/** Of the program as it was when it was first asked: another may be put in its place while this one runs. */
export function packageVersion(): string {
  version ??= String(JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")).version);
  return version;
}

export const bundledModels: string = join(packageRoot, "models");

export const bundledGraphs: string = join(packageRoot, "graphs");

export const bundledSamplers: string = join(packageRoot, "graphs", "samplers");
