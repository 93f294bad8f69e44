/**
 * Sessions by content key, the least recently used let go when together they weigh too much. A file says what a session weighs
 * at least; what its runs take beside the weights, which is most of it for large batches, is measured while it loads and runs.
 */
import type { InferenceSession } from "onnxruntime-common";
import type { BuiltModel } from "./host.ts";

/** A session in use: `run` is that of onnxruntime, and is measured. */
export interface Session extends Pick<InferenceSession, "inputNames" | "outputNames"> {
  run(feeds: InferenceSession.OnnxValueMapType, outputs: readonly string[]): Promise<InferenceSession.OnnxValueMapType>;
}

interface Entry {
  readonly session: Promise<InferenceSession>;
  bytes: number;
  /** Calls that have not returned: until then it cannot be let go. */
  running: number;
  /** How many runs of feeds of each form were measured. */
  readonly measured: Map<string, number>;
}

export interface SessionCacheOptions {
  readonly maxBytes: number;
  /** Bytes that this process holds outside of JavaScript's; absent where they cannot be told. */
  readonly held?: (() => number) | undefined;
}

/** What feeds of the same shapes take, the first runs have taken; to ask what is held takes as long as a small network. */
const measuredRuns = 3;
/** Forms of feeds that are remembered of a session. */
const maxForms = 100;
/** Of sessions that were let go, so many are remembered by what they came to. */
const maxLearned = 1_000;

export class SessionCache {
  readonly #maxBytes: number;
  readonly #held: () => number;
  readonly #create: (model: BuiltModel) => Promise<InferenceSession>;
  /** In order of use: the first is the oldest. */
  readonly #entries = new Map<string, Entry>();
  /** What each came to, so that room is made for it when it is loaded again. */
  readonly #learned = new Map<string, number>();
  /** The most that was held while what is here was here: growth beyond it is a session's, growth below it filled a gap. */
  #highest = 0;

  constructor(
    create: (model: BuiltModel) => Promise<InferenceSession>,
    { maxBytes, held = () => 0 }: SessionCacheOptions,
  ) {
    this.#create = create;
    this.#maxBytes = maxBytes;
    this.#held = held;
  }

  /**
   * The session of `key`, created from `build` when there is none; concurrent callers share one. `check` throws
   * where what it was made of is not what it was. A session that was let
   * go must be asked for again, so hold the key and not the session.
   */
  async get(key: string, build: () => Promise<BuiltModel>, check?: () => Promise<unknown>): Promise<Session> {
    const known = this.#entries.get(key);
    if (known) {
      this.#entries.delete(key);
      this.#entries.set(key, known);
      return this.#measured(key, known, await known.session);
    }
    const entry: Entry = {
      bytes: 0,
      running: 0,
      measured: new Map(),
      session: this.#load(key, build, check, (bytes) => this.#weigh(entry, bytes)),
    };
    this.#entries.set(key, entry);
    try {
      return this.#measured(key, entry, await entry.session);
    } catch (error) {
      this.#entries.delete(key);
      throw error;
    }
  }

  /** Lets one go, but while it runs. */
  async drop(key: string): Promise<void> {
    const entry = this.#entries.get(key);
    if (!entry || entry.running > 0) return;
    this.#entries.delete(key);
    await (await entry.session).release();
    this.#highest = this.#held();
  }

  /** Lets every session go. */
  async clear(): Promise<void> {
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    await Promise.allSettled(entries.map(async ({ session }) => (await session).release()));
    this.#highest = this.#held();
  }

  get bytes(): number {
    return [...this.#entries.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  #measured(key: string, entry: Entry, session: InferenceSession): Session {
    return {
      inputNames: session.inputNames,
      outputNames: session.outputNames,
      run: async (feeds, outputs) => {
        entry.running++;
        const before = isMeasured(entry, feeds) ? undefined : this.#held();
        try {
          return await session.run(feeds, outputs);
        } finally {
          entry.running--;
          if (before !== undefined) await this.#weighGrown(key, entry, before);
        }
      },
    };
  }

  async #weighGrown(key: string, entry: Entry, before: number): Promise<void> {
    const grown = this.#grownFrom(before);
    if (grown > 0) await this.#weigh(entry, entry.bytes + grown);
    this.#learn(key, entry.bytes);
  }

  async #load(
    key: string,
    build: () => Promise<BuiltModel>,
    check: (() => Promise<unknown>) | undefined,
    weigh: (bytes: number) => Promise<void>,
  ): Promise<InferenceSession> {
    const model = await build();
    const expected = Math.max(model.bytes, this.#learned.get(key) ?? 0);
    await weigh(expected);
    const before = this.#held();
    const session = await this.#create(model);
    const grown = this.#grownFrom(before);
    if (grown > expected) await weigh(grown);
    try {
      await check?.();
      return session;
    } catch (error) {
      await session.release();
      throw error;
    }
  }

  /** What came beyond the most that was held before. */
  #grownFrom(before: number): number {
    const now = this.#held();
    const grown = now - Math.max(before, this.#highest);
    this.#highest = Math.max(this.#highest, now);
    return Math.max(0, grown);
  }

  #learn(key: string, bytes: number): void {
    this.#learned.delete(key);
    this.#learned.set(key, bytes);
    for (const oldest of this.#learned.keys()) {
      if (this.#learned.size <= maxLearned) break;
      this.#learned.delete(oldest);
    }
  }

  /** Makes room before a session is created, so that the two are never held together beyond the limit. */
  async #weigh(entry: Entry, bytes: number): Promise<void> {
    entry.bytes = bytes;
    for (const [key, old] of this.#entries) {
      if (this.bytes <= this.#maxBytes) return;
      if (old === entry || old.bytes === 0 || old.running > 0) continue;
      this.#entries.delete(key);
      await (await old.session).release();
      this.#highest = this.#held();
    }
  }
}

/** Counts a run of such feeds. */
function isMeasured({ measured }: Entry, feeds: InferenceSession.OnnxValueMapType): boolean {
  const form = Object.values(feeds)
    .map(({ dims }) => dims.join("×"))
    .join(" ");
  const times = measured.get(form) ?? 0;
  if (times >= measuredRuns) return true;
  if (measured.size > maxForms) measured.clear();
  measured.set(form, times + 1);
  return false;
}
