/** Folders that are to stay while this process writes below them: one that is gone is not made again. */
import { existsSync } from "node:fs";
import { resolve, sep } from "node:path";

interface Root {
  readonly path: string;
}

const roots = new Set<Root>();

/**
 * From now on a folder is not made again: in another at its place, what is written would be the only thing there, and the history
 * or the journal that tells of it gone. Gives what ends that.
 */
export function neverAgain(path: string): () => void {
  const root = { path: resolve(path) };
  roots.add(root);
  return () => {
    roots.delete(root);
  };
}

/** Throws where a folder that is not made again is gone, with all in it. */
export function expectRoot(path: string): void {
  const place = `${resolve(path)}${sep}`;
  const gone = [...roots].find((root) => place.startsWith(`${root.path}${sep}`) && !existsSync(root.path));
  if (gone)
    throw new Error(`The folder ${gone.path} is gone: nothing more is written there. Put it back and start again`);
}
