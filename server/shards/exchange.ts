/** How orders come to a machine that helps, and results from it: over HTTP with the server, or through a folder that both see. */

import { createReadStream, createWriteStream } from "node:fs";
import { link, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { makeFolder } from "../files/make-folder.ts";

export interface Exchange {
  /** The text of an order. Rejects where there is none any more. */
  order(hash: string, signal: AbortSignal): Promise<string>;
  /** The bytes of a file that an order names, from there on; undefined where files are not passed. */
  file(sha256: string, from: number, signal: AbortSignal): Promise<Readable | undefined>;
  /** Puts the file with a shard's result under its key, where nothing is there yet and somebody waits for it. */
  put(key: string, path: string, signal: AbortSignal): Promise<void>;
}

/** Where things lie in a folder of exchange. */
export const placesIn = (folder: string) => ({
  order: (hash: string) => join(folder, "orders", `${hash}.json`),
  result: (key: string) => join(folder, "results", key),
});

/** Throws where the folder is not there. */
export function folderExchange(folder: string): Exchange {
  const places = placesIn(folder);
  for (const name of ["orders", "results"]) makeFolder(join(folder, name));
  return {
    order: (hash) => readFile(places.order(hash), "utf8"),
    file: async () => undefined,
    async put(key, path, signal) {
      const place = places.result(key);
      if (await stat(place).catch(() => undefined)) return;
      const arriving = `${place}.${process.pid}.tmp`;
      try {
        await pipeline(createReadStream(path), createWriteStream(arriving, { flush: true }), { signal });
        // A link, unlike a rename, never replaces what is there.
        await link(arriving, place).catch((error: NodeJS.ErrnoException) => {
          if (error.code !== "EEXIST") throw error;
        });
      } finally {
        await rm(arriving, { force: true });
      }
    },
  };
}
