/** A desk's orders and results in a bucket: what is laid out here is laid out there, and what comes there is brought here. */
import type { ReadableStream } from "node:stream/web";
import { writeAtomically } from "../files/atomic.ts";
import type { Bucket, Stored } from "../shards/bucket.ts";
import { keysIn } from "../shards/bucket-exchange.ts";

export interface Wants {
  /** Where the result of a shard is put, by its key. */
  readonly placeOf: (key: string) => string;
  readonly isAwaited: (key: string) => boolean;
  /** It is there. */
  readonly came: (key: string) => void;
}

/** So long a result that nobody awaits stays: a shard that is given out again may be awaited again in a moment. */
const unwantedMs = 60_000;

export class Mirror {
  readonly #bucket: Bucket;
  readonly #server: string;
  readonly #keys: ReturnType<typeof keysIn>;
  readonly #end = new AbortController();
  #bringing: Promise<void> | undefined;

  /** `server`: what begins all of its keys. */
  constructor(bucket: Bucket, server: string) {
    this.#bucket = bucket;
    this.#server = server;
    this.#keys = keysIn(server);
  }

  /** Removes what an earlier server left. */
  async clear(): Promise<void> {
    const { signal } = this.#end;
    for (const { key } of await this.#bucket.list(this.#server, signal)) await this.#bucket.remove(key, signal);
  }

  async layOut(hash: string, text: string): Promise<void> {
    await this.#bucket.put(this.#keys.order(hash), text, this.#end.signal);
  }

  async takeAway(hash: string): Promise<void> {
    await this.#bucket.remove(this.#keys.order(hash), this.#end.signal);
  }

  /** Begins to bring what is awaited, where it is not at it: it may take longer than those who call have time. */
  look(wants: Wants): void {
    this.#bringing ??= this.#bring(wants)
      .catch(() => {})
      .finally(() => {
        this.#bringing = undefined;
      });
  }

  /** What is on its way is given up. */
  async close(): Promise<void> {
    this.#end.abort(new Error("The server ends"));
    await this.#bringing;
  }

  async #bring({ placeOf, isAwaited, came }: Wants): Promise<void> {
    const { signal } = this.#end;
    for (const stored of await this.#bucket.list(this.#keys.results, signal)) {
      const key = stored.key.slice(this.#keys.results.length);
      if (isAwaited(key)) await this.#fetch(stored, placeOf(key));
      else if (Date.now() - stored.at < unwantedMs) continue;
      await this.#bucket.remove(stored.key, signal);
      if (isAwaited(key)) came(key);
    }
  }

  async #fetch({ key }: Stored, place: string): Promise<void> {
    const { signal } = this.#end;
    const reply = await this.#bucket.get(key, signal);
    if (!reply?.body) throw new Error(`${key} is gone`);
    const body = reply.body as ReadableStream<Uint8Array>;
    await writeAtomically(place, async (file) => {
      for await (const piece of body) await file.writeFile(piece);
      await file.sync();
    });
  }
}
