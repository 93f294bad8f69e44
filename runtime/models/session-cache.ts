/** Sessions by content key, the least recently used let go when together they weigh too much. */
import type { InferenceSession } from "onnxruntime-common";
import type { BuiltModel } from "./host.ts";

interface Entry {
  readonly session: Promise<InferenceSession>;
  bytes: number;
}

export class SessionCache {
  readonly #maxBytes: number;
  readonly #create: (model: BuiltModel) => Promise<InferenceSession>;
  /** In order of use: the first is the oldest. */
  readonly #entries = new Map<string, Entry>();

  constructor(create: (model: BuiltModel) => Promise<InferenceSession>, maxBytes: number) {
    this.#create = create;
    this.#maxBytes = maxBytes;
  }

  /**
   * The session of `key`, created from `build` when there is none; concurrent callers share one. `check` throws
   * where what it was made of is not what it was. A session that was let
   * go must be asked for again, so hold the key and not the session.
   */
  async get(key: string, build: () => Promise<BuiltModel>, check?: () => Promise<unknown>): Promise<InferenceSession> {
    const known = this.#entries.get(key);
    if (known) {
      this.#entries.delete(key);
      this.#entries.set(key, known);
      return known.session;
    }
    const entry: Entry = { bytes: 0, session: this.#load(build, check, (bytes) => this.#weigh(entry, bytes)) };
    this.#entries.set(key, entry);
    try {
      return await entry.session;
    } catch (error) {
      this.#entries.delete(key);
      throw error;
    }
  }

  /** Lets every session go. */
  async clear(): Promise<void> {
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    await Promise.allSettled(entries.map(async ({ session }) => (await session).release()));
  }

  get bytes(): number {
    return [...this.#entries.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  async #load(
    build: () => Promise<BuiltModel>,
    check: (() => Promise<unknown>) | undefined,
    weigh: (bytes: number) => Promise<void>,
  ): Promise<InferenceSession> {
    const model = await build();
    await weigh(model.bytes);
    const session = await this.#create(model);
    try {
      await check?.();
      return session;
    } catch (error) {
      await session.release();
      throw error;
    }
  }

  /** Makes room before a session is created, so that the two are never held together beyond the limit. */
  async #weigh(entry: Entry, bytes: number): Promise<void> {
    entry.bytes = bytes;
    for (const [key, old] of this.#entries) {
      if (this.bytes <= this.#maxBytes) return;
      if (old === entry || old.bytes === 0) continue;
      this.#entries.delete(key);
      await (await old.session).release();
    }
  }
}
