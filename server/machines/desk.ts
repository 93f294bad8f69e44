/**
 * Where a server lays out orders for those who help it, and takes their results, each once: a folder, which HTTP reaches too, and
 * a bucket may mirror.
 */
import { existsSync } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { unfinishedOf, writePieces } from "../files/atomic.ts";
import { makeFolder } from "../files/make-folder.ts";
import { placesIn } from "../shards/exchange.ts";
import { hashOf, keyOf, type Order, type OrderedFile, type Shard } from "../shards/shard.ts";
import { GivenOut } from "./given-out.ts";
import type { Mirror } from "./mirror.ts";

/** An order, and where its files lie here. */
export interface LaidOut {
  readonly hash: string;
  readonly order: Order;
  readonly paths: ReadonlyMap<string, string>;
}

/** What the desk and those who bring results call files, also on their way: nothing else is removed. */
const ownNames = /^[0-9a-f]{64}(\.json|\.[0-9a-f]+\.tmp)?$/;
const isOwn = (name: string): boolean =>
  ownNames.test(name) || /^([0-9a-f]{40,}(\.json)?|upload)$/.test(unfinishedOf(name) ?? "");
const resultName = /^[0-9a-f]{64}$/;
/** So long a result that nobody awaits stays. */
const unwantedMs = 60_000;
/** So long what an earlier server gave out is expected, of a run that does not begin: as long as a worker tries to bring it. */
const expectedMs = 15 * 60_000;

export class Desk {
  readonly folder: string;
  readonly #places: ReturnType<typeof placesIn>;
  readonly #mirror: Mirror | undefined;
  readonly #laidOut = new Map<string, LaidOut>();
  readonly #awaited = new Map<string, (path: string) => void>();
  /** Results of what an earlier server gave out, each with its order: taken before anybody awaits them. */
  #expected: ReadonlyMap<string, string> = new Map();
  /** Results that somebody was given, until he has removed them. */
  readonly #taken = new Set<string>();
  readonly #givenOut: GivenOut;
  #isLeft = false;

  /** `own`: a folder on the disk of this server, for what it notes. */
  constructor(folder: string, { mirror, own = folder }: { readonly mirror?: Mirror; readonly own?: string } = {}) {
    this.folder = resolve(folder);
    this.#mirror = mirror;
    this.#givenOut = new GivenOut(join(resolve(own), "given-out"));
    this.#places = placesIn(this.folder);
    for (const name of ["orders", "results"]) makeFolder(join(this.folder, name), 0o700);
  }

  /** What an earlier server gave out, as it noted itself. */
  get noted(): readonly Shard[] {
    return this.#givenOut.all;
  }

  /**
   * Removes what an earlier server left, but what belongs to shards that machines are at still, and to those that it noted whose
   * results have come meanwhile: all these are expected, and returned.
   */
  async clear(stillOut: readonly Shard[] = [], noted: readonly Shard[] = []): Promise<readonly Shard[]> {
    const isOut = new Set(stillOut.map(keyOf));
    const others = noted.filter((shard) => !isOut.has(keyOf(shard)));
    const came = this.#mirror
      ? await this.#mirror.clear(stillOut, others)
      : others.filter((shard) => existsSync(this.#places.result(keyOf(shard))));
    const begun = [...stillOut, ...came];
    this.#givenOut.keep(begun);
    this.#expected = new Map(begun.map((shard) => [keyOf(shard), shard.order]));
    const kept = new Set(begun.flatMap((shard) => [keyOf(shard), `${shard.order}.json`]));
    for (const name of ["orders", "results"])
      for (const file of await readdir(join(this.folder, name)))
        if (isOwn(file) && !kept.has(file)) await rm(join(this.folder, name, file), { force: true });
    setTimeout(() => {
      this.#expected = new Map();
    }, expectedMs).unref();
    return begun;
  }

  /** What comes from here on is the next server's. */
  leave(): void {
    this.#isLeft = true;
  }

  get isLeft(): boolean {
    return this.#isLeft;
  }

  /** What is on its way is given up. */
  async close(): Promise<void> {
    await this.#mirror?.close();
  }

  /** `paths`: where each of its files lies. Rejects where it cannot be put there, and leaves nothing then. */
  async layOut(order: Order, paths: ReadonlyMap<string, string>, signal: AbortSignal): Promise<LaidOut> {
    const text = JSON.stringify(order);
    const hash = hashOf(text);
    const place = this.#places.order(hash);
    await writePieces(place, [Buffer.from(text)]);
    try {
      await this.#mirror?.layOut(hash, text, signal);
    } catch (error) {
      await rm(place, { force: true });
      throw error;
    }
    const laidOut = { hash, order, paths };
    this.#laidOut.set(hash, laidOut);
    return laidOut;
  }

  /** Its run is over. */
  async takeAway({ hash }: LaidOut): Promise<void> {
    this.#laidOut.delete(hash);
    this.#expected = new Map([...this.#expected].filter(([, order]) => order !== hash));
    await rm(this.#places.order(hash), { force: true });
    this.#mirror?.takeAway(hash);
  }

  /** Where the text of an order lies; undefined when there is none. */
  orderAt(hash: string): string | undefined {
    return this.#laidOut.has(hash) ? this.#places.order(hash) : undefined;
  }

  /** Where a file lies that an order names by its hash. */
  fileAt(sha256: string): string | undefined {
    for (const { paths } of this.#laidOut.values()) {
      const path = paths.get(sha256);
      if (path !== undefined) return path;
    }
    return undefined;
  }

  /** It is given out, until its result was taken and removed, or nobody awaits it any more. */
  note(shard: Shard): void {
    this.#givenOut.note(shard);
  }

  /** Somebody waits for a result; what this returns waits no more. `came` is called once, and has the file from then on. */
  await(key: string, came: (path: string) => void): () => void {
    this.#awaited.set(key, came);
    this.look(key);
    return () => {
      if (this.#awaited.get(key) !== came) return;
      this.#awaited.delete(key);
      if (this.#isLeft) return;
      this.#givenOut.forget(key);
      void rm(this.#places.result(key), { force: true });
    };
  }

  /** Whether a result is wanted, and has not come. */
  isAwaited(key: string): boolean {
    return this.#awaited.has(key) || (this.#expected.has(key) && !existsSync(this.#places.result(key)));
  }

  /** Why results do not come, or do not go. */
  get problem(): string | undefined {
    return this.#mirror?.problem;
  }

  /** A worker says that it has put it. */
  told(key: string): void {
    this.look(key);
    if (this.isAwaited(key)) this.#mirror?.told(key);
  }

  /** Whether it may have been put since then (as performance.now() tells) where it is not seen here yet. */
  mayHave(key: string, since: number): boolean {
    return this.#mirror?.mayHave(key, since) ?? false;
  }

  /** The results folder, and the name that the result of a shard has there. */
  placeOf(key: string): { readonly folder: string; readonly name: string } {
    return { folder: join(this.folder, "results"), name: key };
  }

  /** Whether it has come; in a folder that others write to nobody says so. */
  look(key: string): void {
    const came = this.#awaited.get(key);
    const path = this.#places.result(key);
    if (!came || !existsSync(path)) return;
    this.#awaited.delete(key);
    this.#expected = new Map([...this.#expected].filter(([one]) => one !== key));
    this.#taken.add(key);
    came(path);
  }

  /** Looks for all that is awaited, and removes what nobody awaits: it came twice, or when its run was over. */
  async lookAtAll(): Promise<void> {
    this.#mirror?.look({
      placeOf: this.#places.result,
      isAwaited: (key) => this.isAwaited(key),
      isAnyAwaited: this.#awaited.size > 0 || [...this.#expected.keys()].some((key) => this.isAwaited(key)),
      came: (key) => this.look(key),
    });
    for (const key of [...this.#awaited.keys()]) this.look(key);
    const folder = join(this.folder, "results");
    // A disk over the network may not answer now and then.
    const names = await readdir(folder).catch(() => undefined);
    if (!names) return;
    const there = new Set(names);
    for (const key of this.#taken)
      if (!there.has(key)) {
        this.#taken.delete(key);
        if (!this.#awaited.has(key)) this.#givenOut.forget(key);
      }
    for (const name of there) if (resultName.test(name) && !this.#isWanted(name)) await this.#removeOld(name);
  }

  #isWanted(key: string): boolean {
    return this.#awaited.has(key) || this.#expected.has(key) || this.#taken.has(key);
  }

  /** A shard that is given out again may be awaited again in a moment. */
  async #removeOld(key: string): Promise<void> {
    const path = this.#places.result(key);
    const found = await stat(path).catch(() => undefined);
    if (!found || Date.now() - found.mtimeMs < unwantedMs || this.#isWanted(key)) return;
    await rm(path, { force: true }).catch(() => {});
  }
}

export type { OrderedFile };
