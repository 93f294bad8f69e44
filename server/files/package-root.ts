/** Where the package lies: its manifest, bundled models and graphs, from the sources and from dist/ alike. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const packageRoot: string = climb(dirname(fileURLToPath(import.meta.url)));

function climb(folder: string): string {
  const manifest = join(folder, "package.json");
  if (existsSync(manifest) && JSON.parse(readFileSync(manifest, "utf8")).name === "guidegraph") return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error("Cannot find GuideGraph's own package.json: install the package anew");
  return climb(parent);
}

export const packageVersion = (): string => JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")).version;

export const bundledModels: string = join(packageRoot, "models");

export const bundledGraphs: string = join(packageRoot, "graphs");

export const bundledSamplers: string = join(packageRoot, "graphs", "samplers");
