/** The folder that a run on the command line writes to. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Save } from "../../runtime/index.ts";
import { writePieces } from "./atomic.ts";

/** Writes each file whole or not at all, in the place of an earlier one of its name. */
export const outputFolder =
  (folder: string): Save =>
  async (name, pieces) => {
    const file = join(folder, name);
    try {
      await writePieces(file, pieces);
    } catch (error) {
      throw new Error(`Cannot write ${file}: ${error instanceof Error ? error.message : error}`);
    }
    const hash = createHash("sha256");
    for (const piece of pieces) hash.update(piece);
    return hash.digest("hex");
  };
