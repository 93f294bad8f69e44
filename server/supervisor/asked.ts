/**
 * The questions to a process, one at a time: so it is known in which one it hangs, or of which one it died. The others
 * wait, and are asked of the next process.
 */
import { Subject } from "rxjs";
import { type Ask, type Question, type Reply, type Row, rowOf } from "../channel/questions.ts";
import type { Problem, Stuck } from "../protocol.ts";
import { Refusal } from "../refusal.ts";

/** What a process ended of. `how`: in few words, after "Looking at this graph", and for who reads why a file is held. */
export interface Undoing {
  readonly by: "time" | "memory" | "crash";
  readonly how: string;
}

/** The process did not survive it, or had to be ended: it is not asked again by itself. */
export class Overwhelmed extends Refusal {
  readonly by: Undoing["by"];
  readonly how: string;

  constructor(subject: string, { by, how }: Undoing) {
    super("unavailable", `Looking at ${subject} ${how}`);
    this.by = by;
    this.how = how;
  }
}

/** A question that a process did not survive, whether or not somebody waits for it still. */
export interface Undone {
  readonly question: Question;
  readonly ask: unknown;
  readonly why: Overwhelmed;
}

type Send = (id: number, question: Question, ask: unknown) => void;

interface Waiting {
  readonly question: Question;
  readonly ask: unknown;
  readonly row: Row<unknown, unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (refusal: Refusal) => void;
}

interface AtWork extends Waiting {
  readonly id: number;
  readonly since: Date;
  /** Runs out when nothing is heard, and when it takes longer than anything may. */
  readonly quiet: NodeJS.Timeout;
  readonly longest: NodeJS.Timeout;
}

/** Even a file of 16 GB on a slow disk is hashed by then. */
const longestMs = 900_000;
/** What takes longer is told of. */
const stuckAfterMs = 2_000;
/** Each is looked at within a moment, or is one of few; whoever asks more at once is to come again. */
const maxWaiting = 1_000;

export class Asked {
  readonly undone = new Subject<Undone>();
  readonly #overdue: () => void;
  readonly #quietMs: number | undefined;
  readonly #waiting: Waiting[] = [];
  #atWork: AtWork | undefined;
  #send: Send | undefined;
  #why: Undoing | undefined;
  #closed: string | undefined;
  #count = 0;

  /** `overdue`: the process is to be ended, it is given up. `quietMs`: instead of what the rows say. */
  constructor(overdue: () => void, quietMs?: number) {
    this.#overdue = overdue;
    this.#quietMs = quietMs;
  }

  /** Throws a Refusal, also where too many wait. `leaving`, aborted: nobody waits for it, and it is not put any more; its reason is thrown. */
  ask<Q extends Question>(question: Q, ask: Ask<Q>, leaving?: AbortSignal): Promise<Reply<Q>> {
    if (this.#closed !== undefined) return Promise.reject(new Refusal("unavailable", this.#closed));
    if (this.#waiting.length >= maxWaiting) return Promise.reject(tooMany());
    if (leaving?.aborted) return Promise.reject(leaving.reason);
    const row = rowOf(question) as Row<unknown, unknown>;
    return new Promise<unknown>((resolve, reject) => {
      const leave = () => {
        const place = this.#waiting.indexOf(waiting);
        if (place >= 0) this.#waiting.splice(place, 1);
        reject(leaving?.reason);
      };
      const done =
        <T>(settle: (value: T) => void) =>
        (value: T) => {
          leaving?.removeEventListener("abort", leave);
          settle(value);
        };
      const waiting: Waiting = { question, ask, row, resolve: done(resolve), reject: done(reject) };
      leaving?.addEventListener("abort", leave);
      this.#waiting.push(waiting);
      this.#next();
    }) as Promise<Reply<Q>>;
  }

  /** There is a process that can be asked. */
  open(send: Send): void {
    this.#send = send;
    this.#next();
  }

  /** It gave a sign: it is at work still, and hears. */
  heard(): void {
    this.#atWork?.quiet.refresh();
  }

  /** False when it is no reply to its question. One that nobody waits for any more is passed over. */
  answer(id: number, value: unknown): boolean {
    if (this.#atWork?.id !== id) return true;
    const reply = this.#atWork.row.reply.safeParse(value);
    if (reply.success) this.#done()?.resolve(reply.data);
    this.#next();
    return reply.success;
  }

  /** `isFull`: the disk has no room for it, which is no fault of what was asked. */
  refuse(id: number, problems: readonly Problem[], isFull = false): void {
    if (this.#atWork?.id === id) this.#done()?.reject(new Refusal(isFull ? "disk full" : "unfit", problems));
    this.#next();
  }

  /** The process is gone. `how`: of what it ended by itself. */
  end(how: Undoing | undefined): void {
    this.#send = undefined;
    const why = this.#why ?? how;
    const asked = this.#done();
    if (!asked) return;
    if (!why) {
      asked.reject(new Refusal("unavailable", "The worker ended before it answered; try again"));
      return;
    }
    const { question, ask, row } = asked;
    const overwhelmed = new Overwhelmed(row.subject, why);
    this.undone.next({ question, ask, why: overwhelmed });
    asked.reject(overwhelmed);
  }

  /** No process follows, and `why`. */
  close(why = "The server looks at nothing any more"): void {
    this.#closed ??= why;
    for (const { reject } of this.#waiting.splice(0)) reject(new Refusal("unavailable", why));
  }

  /** How many wait until one is answered. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** What is looked at for long now. */
  get stuck(): Stuck | undefined {
    if (!this.#atWork || Date.now() - this.#atWork.since.getTime() < stuckAfterMs) return undefined;
    const { question, ask, row, since } = this.#atWork;
    const file = row.file?.(ask);
    return { question, ...(file !== undefined && { file }), since: since.toISOString(), waiting: this.#waiting.length };
  }

  #next(): void {
    if (!this.#send || this.#atWork) return;
    const next = this.#waiting.shift();
    if (!next) return;
    const id = this.#count++;
    const quietMs = this.#quietMs ?? next.row.quietMs;
    this.#atWork = { ...next, id, since: new Date(), quiet: this.#limit(quietMs), longest: this.#limit(longestMs) };
    this.#send(id, next.question, next.ask);
  }

  #limit(ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.#why ??= { by: "time", how: `took longer than ${ms / 1_000} s, and was ended` };
      this.#overdue();
    }, ms);
  }

  #done(): Waiting | undefined {
    const done = this.#atWork;
    clearTimeout(done?.quiet);
    clearTimeout(done?.longest);
    this.#atWork = undefined;
    this.#why = undefined;
    return done;
  }
}

const tooMany = () =>
  new Refusal("unavailable", `${maxWaiting} questions about graphs and files wait already: try again`);
