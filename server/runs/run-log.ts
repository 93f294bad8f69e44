/**
 * A run's events, numbered and kept before anyone sees them. The one writer: what happens within a moment is written in
 * one transaction, and what others act upon does not wait for that moment to pass. A reader is a cursor: `read` gives
 * what comes after a number, `grown` resolves when there is more.
 */
import { setImmediate as turn } from "node:timers/promises";
import type { InStatement } from "@libsql/client/sqlite3";
import { Subject } from "rxjs";
import { endStates, type Lifecycle, type LogEvent, type Logged } from "../protocol.ts";
import type { Database } from "./database.ts";
import { statements } from "./run-log-statements.ts";

/** What happens within this time goes into one transaction. */
const gatherMs = 3;
/** Between two writes of runs that begin. */
const onrushMs = 15;
/** One transaction holds up this thread, by its events, and more by the rows of runs that they change. What is more comes into the next. */
const [maxAtOnce, maxRunsAtOnce] = [500, 100];
/** So that readers who keep up never ask the database. */
const tailLength = 1_000;
/** Those who follow a run have read its end by then. */
const overMs = 5_000;
/** Of those who wait for a run's next event, so many get it before others get their turn. */
const wokenAtOnce = 20;

interface Tail {
  /** Number of the last event that is written. */
  seq: number;
  /** The last events, in order and without a gap; none once the run is over for a while. */
  events: Logged[];
  isOver: boolean;
  readonly waiting: Set<() => void>;
}

interface Pending {
  readonly run: string;
  readonly at: string;
  readonly event: LogEvent;
  /** What is written before it: of a run that begins. */
  readonly rows: readonly InStatement[];
  readonly written: (logged: Logged) => void;
  readonly failed: (error: unknown) => void;
}

/** That a run is in another state now. */
export type LifecycleLogged = Extract<Logged, Lifecycle>;

interface Page {
  readonly run: string;
  readonly after: number;
  readonly limit: number;
  readonly events: readonly Logged[];
}

export class RunLog {
  /** Of all runs, as it is written. */
  readonly lifecycle = new Subject<LifecycleLogged>();
  readonly #database: Database;
  readonly #tails = new Map<string, Tail>();
  readonly #pending: Pending[] = [];
  #writing: Promise<void> | undefined;
  #paging: Promise<unknown> = Promise.resolve();
  /** The page that was read last: those who come together ask for the same. */
  #page: Page | undefined;
  #writtenAt = Number.NEGATIVE_INFINITY;
  /** Ends the gathering that is under way. */
  #hurry: () => void = () => {};

  constructor(database: Database) {
    this.#database = database;
  }

  /** A new run's rows and its first event, kept together: the run is accepted when this resolves. */
  begin(run: string, rows: readonly InStatement[]): Promise<Logged> {
    return this.#add(run, { type: "run", state: "queued" }, rows);
  }

  /** Makes a run known that will have events: the next one's number follows `seq`. */
  open(run: string, seq: number): void {
    this.#tails.set(run, { seq, events: [], isOver: false, waiting: new Set() });
  }

  /** Of a run that was removed nothing more is known. */
  forget(run: string): void {
    this.#tails.delete(run);
    this.#page = undefined;
  }

  /** Numbers an event and keeps it. Resolves when it is written; rejects when it cannot be, and then it has no number. */
  append(run: string, event: LogEvent): Promise<Logged> {
    if (!this.#tails.has(run)) throw new Error(`Cannot log an event of run ${run}: it is not open`);
    return this.#add(run, event, []);
  }

  #add(run: string, event: LogEvent, rows: readonly InStatement[]): Promise<Logged> {
    return new Promise((written, failed) => {
      this.#pending.push({ run, at: new Date().toISOString(), event, rows, written, failed });
      if (!this.#writing) this.#writing = this.#flush();
      else if (mustLast(event)) this.#hurry();
    });
  }

  /** Whether there is such a run: one that is in the trash is none. Nobody looks when `signal` says that nobody asks any more. */
  async has(run: string, signal?: AbortSignal): Promise<boolean> {
    if (this.#tails.get(run)?.isOver === false) return true; // One that has not ended is nowhere else.
    const sql = "SELECT 1 FROM runs WHERE id = ? AND removed IS NULL";
    const found = await this.#inTurn(async () => (signal?.aborted ? [] : this.#database.all(sql, [run])), signal);
    return found.length > 0;
  }

  /** At most `limit` events after number `after`. */
  async read(run: string, after: number, limit: number): Promise<readonly Logged[]> {
    const events = this.#tails.get(run)?.events ?? [];
    if (events.length > 0 && events[0].seq <= after + 1) return events.slice(after + 1 - events[0].seq).slice(0, limit);
    return this.#inTurn(async () => {
      const last = this.#page;
      if (last?.run === run && last.after === after && last.limit === limit) return last.events;
      const events = await this.#readPage(run, after, limit);
      this.#page = { run, after, limit, events };
      return events;
    });
  }

  async #readPage(run: string, after: number, limit: number): Promise<readonly Logged[]> {
    const rows = await this.#database.all(
      "SELECT seq, at, event FROM events WHERE run = ? AND seq > ? ORDER BY seq LIMIT ?",
      [run, after, limit],
    );
    return rows.map(({ seq, at, event }) => ({
      run,
      seq: Number(seq),
      at: String(at),
      ...JSON.parse(String(event)),
    }));
  }

  /** The database answers at once and on this thread, and whoever gets a page sends it: one a turn, however many ask. */
  #inTurn<T>(read: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const page = this.#paging.then(read);
    const next = () => (signal?.aborted ? undefined : turn());
    this.#paging = page.then(next, next);
    return page;
  }

  /** Resolves when the run has an event after that number, or when `signal` says that nobody waits any more. */
  async grown(run: string, after: number, signal: AbortSignal): Promise<void> {
    const tail = this.#tails.get(run);
    if (signal.aborted || (tail && tail.seq > after)) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        tail?.waiting.delete(done);
        signal.removeEventListener("abort", done);
        resolve();
      };
      tail?.waiting.add(done);
      signal.addEventListener("abort", done);
    });
  }

  /** Everything appended until now is written, or could not be. */
  async settled(): Promise<void> {
    while (this.#writing) await this.#writing;
  }

  async #flush(): Promise<void> {
    await this.#gathering();
    const gathered = this.#pending.splice(0, this.#countAtOnce());
    // Of one whose rows cannot be written the others know nothing.
    await this.#write(gathered).catch(async (error) => {
      const isOneAlone = gathered.length === 1 || gathered.every(({ rows }) => rows.length === 0);
      if (isOneAlone) for (const { failed } of gathered) failed(error);
      else for (const one of gathered) await this.#write([one]).catch(one.failed);
    });
    this.#writtenAt = performance.now();
    this.#writing = this.#pending.length > 0 ? this.#flush() : undefined;
  }

  #countAtOnce(): number {
    const runs = new Set<string>();
    const end = this.#pending.findIndex(({ run }, i) => i === maxAtOnce || runs.add(run).size > maxRunsAtOnce);
    return end === -1 ? this.#pending.length : end;
  }

  async #write(gathered: readonly Pending[]): Promise<void> {
    const numbers = new Map<string, number>();
    const of = new Map<string, Logged[]>();
    const logged = gathered.map(({ run, at, event }): Logged => {
      const seq = (numbers.get(run) ?? this.#tails.get(run)?.seq ?? 0) + 1;
      numbers.set(run, seq);
      const one = { run, seq, at, ...event };
      const before = of.get(run);
      if (before) before.push(one);
      else of.set(run, [one]);
      return one;
    });
    const begun = gathered.filter(({ rows }) => rows.length > 0);
    await this.#database.write([...begun.flatMap(({ rows }) => rows), ...statements(logged, numbers)], {
      durable: begun.length > 0 || logged.some(mustLast),
    });
    for (const { run } of begun) this.open(run, 0);
    for (const [run, events] of of) this.#grow(run, events);
    for (const [i, { written }] of gathered.entries()) written(logged[i]);
    for (const event of logged) if (event.type === "run") this.lifecycle.next(event);
  }

  /**
   * Resolves when it is time to write. What comes together with an urgent event is still taken along. Runs that begin one
   * upon the other wait for one another: a write that must last holds up this thread, which takes one connection a turn.
   */
  #gathering(): Promise<void> {
    const isOnrush = performance.now() - this.#writtenAt < onrushMs;
    return new Promise((resolve) => {
      const begins = this.#pending.some(({ rows }) => rows.length > 0);
      const timer = setTimeout(resolve, begins ? onrushMs : gatherMs);
      this.#hurry = () => {
        clearTimeout(timer);
        setImmediate(resolve);
      };
      if (this.#pending.some(({ event }) => mustLast(event)) || (begins && !isOnrush)) this.#hurry();
    });
  }

  #grow(run: string, more: readonly Logged[]): void {
    const tail = this.#tails.get(run);
    if (!tail) return;
    const last = more[more.length - 1];
    const { seq } = last;
    tail.seq = seq;
    if (this.#page?.run === run) this.#page = undefined;
    tail.events = [...tail.events, ...more].slice(-tailLength);
    void this.#wake([...tail.waiting]);
    if (last.type !== "run" || !endStates.has(last.state)) return;
    tail.isOver = true;
    setTimeout(() => {
      if (tail.seq === seq) tail.events = [];
    }, overMs).unref();
  }

  async #wake(waiting: readonly (() => void)[]): Promise<void> {
    for (const [i, wake] of waiting.entries()) {
      if (i > 0 && i % wokenAtOnce === 0) await turn();
      wake();
    }
  }
}

/**
 * What others act upon reaches the disk before they hear of it, so that not even a power cut undoes it. That a run has
 * begun does not: one of which that is forgotten waits, and is run again.
 */
const mustLast = (event: LogEvent): boolean =>
  event.type === "output" ||
  event.type === "numbers" ||
  (event.type === "run" && event.state !== "queued" && event.state !== "running");
