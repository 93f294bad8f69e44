/** Orders and results through a bucket that both sides reach: what lies there is put by key, and never replaced. */
import { openAsBlob } from "node:fs";
import type { Bucket } from "./bucket.ts";
import type { Exchange } from "./exchange.ts";
import { hashOf, keyOf } from "./shard.ts";

/** Where things lie in a bucket, below what is a server's own. */
export const keysIn = (server: string) => ({
  order: (hash: string) => `${server}orders/${hash}.json`,
  results: `${server}results/`,
  result: (key: string) => `${server}results/${key}`,
});

/** Below it lies all of this in a bucket that people keep other things in. */
const marked = "guidegraph-shards/";

/** What the keys of a server begin with: another that is given the same bucket has another. */
export const ownPrefix = (serverId: string): string => `${marked}${hashOf(serverId)}/`;

/** Servers find what is theirs, and so do those who help: by the order. */
export function bucketExchange(bucket: Bucket): Exchange {
  async function serverOf(order: string, signal: AbortSignal): Promise<ReturnType<typeof keysIn> | undefined> {
    for (const server of await bucket.folders(marked, signal)) {
      const keys = keysIn(server);
      if (await bucket.has(keys.order(order), signal)) return keys;
    }
    return undefined;
  }

  return {
    async order(hash, signal) {
      const keys = await serverOf(hash, signal);
      const reply = keys && (await bucket.get(keys.order(hash), signal));
      if (!reply) throw new Error("The bucket has no such order: its run is over, or the server has another --results");
      return reply.text();
    },
    file: async () => undefined,
    async put(shard, path, signal) {
      const key = (await serverOf(shard.order, signal))?.result(keyOf(shard));
      if (key === undefined) return false;
      await bucket.put(key, await openAsBlob(path), signal);
      return true;
    },
  };
}
