/** A place where graphs run: a process of its own, with its own copy of the networks, here or on another machine. */
import type { Worker } from "../supervisor/worker.ts";

/** What draws, as whoever lends it sees it. */
export type Sampler = Pick<
  Worker,
  | "messages"
  | "gone"
  | "started"
  | "ready"
  | "called"
  | "backend"
  | "state"
  | "pauseMs"
  | "unusable"
  | "send"
  | "kill"
  | "close"
>;

/** So often in a row its process may end, while others do well, before it is no longer used. */
const maxStrikes = 3;

export class Device<S extends Sampler = Sampler> {
  /** "cuda:1", "cpu#2". */
  readonly name: string;
  readonly worker: S;
  /** It draws batches of runs that others began, and makes no files. */
  readonly isHelper: boolean;
  /** The run that it is lent to. */
  run: string | undefined;
  /** How often its process ended since it last did what it was given. */
  #strikes = 0;
  #out: string | undefined;

  constructor(name: string, worker: S, { isHelper = false } = {}) {
    this.name = name;
    this.worker = worker;
    this.isHelper = isHelper;
  }

  /** Why it is not used any more. */
  get out(): string | undefined {
    return this.#out;
  }

  didWell(): void {
    this.#strikes = 0;
  }

  /** Its process ended, or its card was lost. True when that was once too often. */
  strike(): boolean {
    this.#strikes++;
    return this.#strikes >= maxStrikes || this.worker.unusable !== undefined;
  }

  /** It was not its fault: others failed at the same. */
  forgive(): void {
    this.#strikes = Math.max(0, this.#strikes - 1);
  }

  takeOut(why: string): void {
    this.#out = why;
    void this.worker.close();
  }
}
