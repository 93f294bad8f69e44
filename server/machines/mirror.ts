/**
 * A desk's orders and results in a bucket: what is laid out here is laid out there, and what comes there is brought here. Nobody
 * waits for the store but who lays out an order: results are brought, and what is of no use any more is removed, beside all else.
 */
import type { ReadableStream } from "node:stream/web";
import { mergeMap, Subject } from "rxjs";
import { writeAtomically } from "../files/atomic.ts";
import type { Say } from "../log/say.ts";
import type { Bucket, Stored } from "../shards/bucket.ts";
import { keysIn } from "../shards/bucket-exchange.ts";
import { keyOf, type Shard } from "../shards/shard.ts";
import { Removals } from "./removals.ts";
import { Troubles } from "./troubles.ts";

export interface Wants {
  /** Where the result of a shard is put, by its key. */
  readonly placeOf: (key: string) => string;
  readonly isAwaited: (key: string) => boolean;
  readonly isAnyAwaited: boolean;
  /** It is there. */
  readonly came: (key: string) => void;
}

export interface MirrorOptions {
  /** Asked once: what fails is tried again here. */
  readonly bucket: Bucket;
  /** What begins all of its keys. */
  readonly server: string;
  readonly say: Say;
  /** Whether there is room for so many bytes. */
  readonly hasRoom: (bytes: number) => Promise<boolean>;
  /** Between two lists, the first and at most: longer and longer while nothing comes. */
  readonly listMs?: readonly [first: number, most: number];
}

/** Of a shard, by its key; `stored`: as the bucket has it. */
interface Result extends Stored {
  readonly stored: string;
}

/** So long a result that nobody awaits stays: a shard that is given out again may be awaited again in a moment. */
const unwantedMs = 60_000;
/** Lists cost money: while nothing is awaited there is one now and then, for what nobody wants. */
const idleMs = 600_000;
const usualListMs = [750, 6_000] as const;
/** Results that are fetched side by side. */
const sideBySide = 4;

export class Mirror {
  readonly #bucket: Bucket;
  readonly #server: string;
  readonly #keys: ReturnType<typeof keysIn>;
  readonly #hasRoom: MirrorOptions["hasRoom"];
  readonly #listMs: readonly [first: number, most: number];
  readonly #troubles: Troubles;
  readonly #end = new AbortController();
  #listing: Promise<void> | undefined;
  /** Results on their way here or waiting for it, as the bucket has them; a list waits for none of them. */
  readonly #onTheirWay = new Set<string>();
  readonly #due = new Subject<() => Promise<void>>();
  readonly #fetched = this.#due.pipe(mergeMap((fetch) => fetch(), sideBySide)).forEach(() => {});
  /** When it was asked for a list last, and began the last one that came, as performance.now() tells. */
  #askedAt = performance.now();
  #listedAt = Number.NEGATIVE_INFINITY;
  #pauseMs: number;
  /** Results that lie there, by a list or a worker, each with when that was. */
  readonly #there = new Map<string, number>();
  readonly #removals: Removals;

  constructor({ bucket, server, say, hasRoom, listMs = usualListMs }: MirrorOptions) {
    this.#bucket = bucket;
    this.#server = server;
    this.#keys = keysIn(server);
    this.#hasRoom = hasRoom;
    this.#listMs = listMs;
    this.#pauseMs = listMs[0];
    this.#troubles = new Troubles({
      began: (why) => say(`The results of workers: ${why}. It is tried again without end`, { level: "warn" }),
      ended: () => say("The results of workers come again, and what is of no use goes"),
      firstMs: listMs[0],
    });
    this.#removals = new Removals(bucket, this.#troubles, this.#end.signal);
  }

  /** What fails there now. */
  get problem(): string | undefined {
    return this.#troubles.why;
  }

  /**
   * Removes what an earlier server left, but for shards that are still out, and for others that it gave out whose results have
   * come: these are returned. Rejects where the bucket cannot be listed; what cannot be removed is tried again.
   */
  async clear(stillOut: readonly Shard[] = [], others: readonly Shard[] = []): Promise<readonly Shard[]> {
    const there = (await this.#bucket.list(this.#server, this.#end.signal)).map(({ key }) => key);
    const came = others.filter((one) => there.includes(this.#keys.result(keyOf(one))));
    const kept = new Set(
      [...stillOut, ...came].flatMap((one) => [this.#keys.order(one.order), this.#keys.result(keyOf(one))]),
    );
    for (const key of there) if (!kept.has(key)) this.#removals.add(key);
    await this.#removals.tidy();
    return came;
  }

  /** Rejects where it cannot be put, and is away all the same. */
  async layOut(hash: string, text: string, signal: AbortSignal): Promise<void> {
    const key = this.#keys.order(hash);
    await this.#removals.spare(key);
    try {
      await this.#bucket.put(key, text, signal);
    } catch (error) {
      this.takeAway(hash);
      throw error;
    }
  }

  /** As soon as the store lets it. */
  takeAway(hash: string): void {
    this.#removals.add(this.#keys.order(hash));
    void this.#removals.tidy();
  }

  /** A worker says that it has put it. */
  told(key: string): void {
    this.#there.set(key, performance.now());
    this.#soon();
  }

  /** Whether a result may lie there that is not here yet; false where a list that began after `since` does not have it. */
  mayHave(key: string, since: number): boolean {
    if (this.#there.has(key)) return true;
    if (this.#listedAt >= since) return false;
    this.#soon();
    return true;
  }

  /** Begins to bring what is awaited, and to remove what is of no use, where it is not at it. */
  look(wants: Wants): void {
    void this.#removals.tidy();
    const pauseMs = wants.isAnyAwaited ? this.#pauseMs : idleMs;
    if (this.#listing || performance.now() < this.#askedAt + pauseMs || this.#troubles.isPausing(list)) return;
    this.#listing = this.#bring(wants).finally(() => {
      this.#listing = undefined;
    });
  }

  /** What is on its way is given up. */
  async close(): Promise<void> {
    this.#end.abort(new Error("The server ends"));
    await this.#listing;
    this.#due.complete();
    await Promise.all([this.#fetched, this.#removals.settled]);
  }

  /** Something is there, or may be. */
  #soon(): void {
    [this.#pauseMs] = this.#listMs;
  }

  /** Lists what is there, and begins to fetch what is awaited of it. Never rejects. */
  async #bring(wants: Wants): Promise<void> {
    const began = performance.now();
    this.#askedAt = began;
    this.#pauseMs = Math.min(2 * this.#pauseMs, this.#listMs[1]);
    let all: readonly Result[] = [];
    const isListed = await this.#troubles.tried(list, this.#end.signal, async () => {
      all = await this.#list();
    });
    if (!isListed) return;
    this.#know(all, began);
    for (const result of all) {
      const { key, at, stored } = result;
      if (!wants.isAwaited(key)) {
        if (Date.now() - at >= unwantedMs) this.#removals.add(stored);
      } else if (!this.#removals.has(stored) && !this.#onTheirWay.has(stored) && !this.#troubles.isPausing(stored)) {
        this.#onTheirWay.add(stored);
        this.#due.next(() => this.#bringOne(result, wants).finally(() => this.#onTheirWay.delete(stored)));
      }
    }
    void this.#removals.tidy();
  }

  /** Never rejects. */
  async #bringOne(result: Result, { isAwaited, placeOf, came }: Wants): Promise<void> {
    const { key, stored } = result;
    // It may have waited for others.
    if (!isAwaited(key) || this.#end.signal.aborted) return;
    const { signal } = this.#end;
    if (!(await this.#troubles.tried(stored, signal, () => this.#fetch(result, placeOf(key))))) return;
    this.#soon();
    // First, so that it is not taken for one that is drawn again.
    this.#removals.add(stored);
    if (isAwaited(key)) came(key);
    void this.#removals.tidy();
  }

  async #list(): Promise<readonly Result[]> {
    const { results } = this.#keys;
    const all = await this.#bucket.list(results, this.#end.signal);
    return all.map(({ key, at, bytes }) => ({ key: key.slice(results.length), stored: key, at, bytes }));
  }

  /** Of a list that began then: what a worker told of since may be there too. */
  #know(all: readonly Result[], began: number): void {
    for (const [key, at] of this.#there) if (at < began) this.#there.delete(key);
    for (const { key } of all) this.#there.set(key, began);
    this.#listedAt = began;
    const listed = new Set(all.map(({ stored }) => stored));
    for (const name of this.#troubles.names)
      if (name.startsWith(this.#keys.results) && !listed.has(name)) this.#troubles.passed(name);
  }

  async #fetch({ stored, bytes }: Result, place: string): Promise<void> {
    if (!(await this.#hasRoom(bytes))) throw new Error("The disk of the server has no room for them: free some space");
    const reply = await this.#bucket.get(stored, this.#end.signal);
    if (!reply?.body) throw new Error(`${stored} is listed, and is not there`);
    const body = reply.body as ReadableStream<Uint8Array>;
    await writeAtomically(place, async (file) => {
      for await (const piece of body) await file.writeFile(piece);
      await file.sync();
    });
  }
}

/** The name of what is no key. */
const list = "list";
