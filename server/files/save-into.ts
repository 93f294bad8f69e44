/** Files of a run: whole or not at all, and on the disk before anyone is told of them. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import type { Store } from "../../runtime/index.ts";
import { writeAtomically } from "./atomic.ts";

/** Saves into `folder`. A name is used once: what is there already is never written over. `scratch`: see AtomicOptions. */
export const saveInto = (folder: string, scratch?: string): Store["save"] => {
  const synced = folderSync(folder);
  return async (name, pieces) => {
    const path = join(folder, name);
    if (existsSync(path)) throw taken(name);
    const hash = createHash("sha256");
    const write = async (file: FileHandle) => {
      for await (const piece of pieces) {
        hash.update(piece);
        await file.writeFile(piece);
      }
      await file.sync();
    };
    await writeAtomically(path, write, { scratch, isNew: true }).catch((error: NodeJS.ErrnoException) => {
      throw error.code === "EEXIST" ? taken(name) : error;
    });
    await synced();
    return hash.digest("hex");
  };
};

const taken = (name: string) => new Error(`Cannot save ${name}: there is such a file already`);

/** Resolves when what is in the folder now will be found there. Files that come side by side wait for one sync. */
function folderSync(folder: string): () => Promise<void> {
  let under: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  return () => {
    next ??= under.then(() => {
      next = undefined;
      const sync = syncFolder(folder);
      under = sync.catch(() => {});
      return sync;
    });
    return next;
  };
}

/** A renamed file is found after a power cut when its folder is on the disk too. Windows cannot open folders, and need not. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
