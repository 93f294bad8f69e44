/** How orders come to a machine that helps, and results from it: over HTTP with the server, or through a folder that both see. */
import { randomBytes } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { linked } from "../files/linked.ts";
import { makeFolder } from "../files/make-folder.ts";
import { hashOf, keyOf, type Shard } from "./shard.ts";

export interface Exchange {
  /** The text of an order. Rejects where there is none any more. */
  order(hash: string, signal: AbortSignal): Promise<string>;
  /** The bytes of a file that an order names, from there on; undefined where files are not passed. */
  file(sha256: string, from: number, signal: AbortSignal): Promise<Readable | undefined>;
  /**
   * Puts the file with a shard's result under its key, where nothing is there yet and its run is not over: false where it is of
   * no use. Where another's is taken all the same, the server removes it.
   */
  put(shard: Shard, path: string, signal: AbortSignal): Promise<boolean>;
}

/** Where things lie in a folder of exchange. */
export const placesIn = (folder: string) => ({
  order: (hash: string) => join(folder, "orders", `${hash}.json`),
  result: (key: string) => join(folder, "results", key),
});

/** Below a folder that people give, and keep other things in. */
const marked = (given: string): string => join(given, "guidegraph-shards");

/** What is a server's own below a folder that people give: another that is given the same has another. */
export const ownFolder = (given: string, serverId: string): string => join(marked(given), hashOf(serverId));

/** Servers find what is theirs, and so do those who help: by the order. Throws where there can be no such folder. */
export function folderExchange(given: string): Exchange {
  const folder = marked(given);
  makeFolder(folder);

  async function placesOf(order: string): Promise<ReturnType<typeof placesIn> | undefined> {
    for (const server of await readdir(folder)) {
      const places = placesIn(join(folder, server));
      if (await stat(places.order(order)).catch(() => undefined)) return places;
    }
    return undefined;
  }

  return {
    async order(hash) {
      const places = await placesOf(hash);
      if (!places) throw new Error(`${folder} has no such order: its run is over, or the server has another --results`);
      return readFile(places.order(hash), "utf8");
    },
    file: async () => undefined,
    async put(shard, path, signal) {
      const key = keyOf(shard);
      const place = (await placesOf(shard.order))?.result(key);
      if (place === undefined || (await stat(place).catch(() => undefined))) return false;
      // Machines may have the same number for a process.
      const arriving = `${place}.${randomBytes(8).toString("hex")}.tmp`;
      try {
        await pipeline(createReadStream(path), createWriteStream(arriving, { flush: true }), { signal });
        await linked(arriving, place);
        return true;
      } finally {
        await rm(arriving, { force: true });
      }
    },
  };
}
