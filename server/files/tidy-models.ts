/** Keeps a folder of built models below a size: the least recently used go first, and none that may be in use. */
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

export interface Bounds {
  readonly maxBytes: number;
  /** One that was used within this time stays: whoever was given its path may not have opened it yet. */
  readonly restMs: number;
}

interface Kept {
  readonly paths: readonly string[];
  readonly bytes: number;
  /** When it was last used, which is when its file was last touched. */
  readonly used: number;
}

/** Resolves to the number of bytes that went. Files that cannot be removed stay: another process may hold them. */
export async function tidyModels(folder: string, { maxBytes, restMs }: Bounds): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  const all = (await Promise.all(keptIn(names).map((group) => kept(folder, group)))).filter((one) => one !== undefined);
  let total = all.reduce((sum, { bytes }) => sum + bytes, 0);
  const before = total;
  for (const { paths, bytes, used } of all.sort((a, b) => a.used - b.used)) {
    if ((total <= maxBytes && isWhole(paths[0])) || Date.now() - used < restMs) continue;
    for (const path of paths) await rm(path, { force: true }).catch(() => {});
    total -= bytes;
  }
  return before - total;
}

/** Models, and notes of what they take. */
const isWhole = (name: string): boolean => /\.(onnx|json)$/.test(name);

/** A model and its weights belong together; it is complete while its `.onnx` is there, so that goes first. */
function keptIn(names: readonly string[]): string[][] {
  const present = new Set(names);
  const models = names.filter(isWhole);
  const alone = names.filter((name) => name.endsWith(".tmp") || !present.has(name.replace(/\.data$/, "")));
  return [
    ...models.map((name) => [name, `${name}.data`].filter((one) => present.has(one))),
    ...alone.map((name) => [name]),
  ];
}

async function kept(folder: string, names: readonly string[]): Promise<Kept | undefined> {
  const paths = names.map((name) => join(folder, name));
  try {
    const stats = await Promise.all(paths.map((path) => stat(path)));
    return { paths, bytes: stats.reduce((sum, { size }) => sum + size, 0), used: stats[0].mtimeMs };
  } catch {
    return undefined; // It went meanwhile.
  }
}
