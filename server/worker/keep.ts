/** Where a run's files go: whole or not at all, and on the disk before anyone is told of them. */
import { createHash } from "node:crypto";
import { open, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Save } from "../../runtime/index.ts";
import { writeAtomically } from "../files/atomic.ts";

/** Saves into `folder`. A name is used once: what is there already is never written over. */
export const keeper =
  (folder: string): Save =>
  async (name, pieces) => {
    const path = join(folder, name);
    if (await stat(path).catch(() => undefined))
      throw new Error(`Cannot save ${name}: this run has such a file already`);
    const hash = createHash("sha256");
    await writeAtomically(path, async (file) => {
      for (const piece of pieces) {
        hash.update(piece);
        await file.writeFile(piece);
      }
      await file.sync();
    });
    await syncFolder(folder);
    return hash.digest("hex");
  };

/** A renamed file is found after a power cut when its folder is on the disk too. Windows cannot open folders, and need not. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
