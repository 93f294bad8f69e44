/**
 * The server's side of a process in which graphs are planned or run: what waits for it is told when it ends, and another
 * takes its place.
 */
import { Subject } from "rxjs";
import type { FromWorker, RunMessage, ToWorker, WorkerOptions } from "../channel/messages.ts";
import type { Ask, Question, Reply } from "../channel/questions.ts";
import { Asked } from "./asked.ts";
import { type Child, type Gone, startChild } from "./child.ts";

const longestPauseMs = 30_000;
/** One that lived so long did not crash at its start. */
const soundMs = 10_000;

/** The process that there is now. */
interface Current {
  readonly child: Child;
  readonly started: number;
  /** It has ended a run, or was ended from here, which is no fault of its own. */
  isSound: boolean;
}

export class Worker {
  /** What it sends about runs. */
  readonly messages = new Subject<RunMessage>();
  /** It ended. */
  readonly gone = new Subject<Gone>();
  /** The name of the backend, once it has started; rejects when it cannot start as it was told to. */
  readonly ready: Promise<string>;
  readonly #options: WorkerOptions;
  readonly #runs: boolean;
  readonly #say: (line: string) => void;
  readonly #asked = new Asked();
  /** What the next process is sent first. */
  readonly #unsent: ToWorker[] = [];
  #current: Current | undefined;
  #backend: string | undefined;
  /** How often it has ended in a row; after a sound one, counted anew. */
  #crashes = 0;
  #closed = false;
  #restart: NodeJS.Timeout | undefined;
  #isReady: (backend: string) => void = () => {};
  #isUnusable: (error: Error) => void = () => {};

  /** Starts it. `runs`: it has a device and runs graphs, else it only plans. */
  constructor(options: WorkerOptions, { runs, say }: { readonly runs: boolean; readonly say: (line: string) => void }) {
    this.#options = options;
    this.#runs = runs;
    this.#say = say;
    this.ready = new Promise((resolve, reject) => {
      this.#isReady = resolve;
      this.#isUnusable = reject;
    });
    this.ready.catch(() => {});
    this.#start();
  }

  /** Undefined while it starts. */
  get backend(): string | undefined {
    return this.#backend;
  }

  /** Throws a Refusal, also when it ends before it answers. */
  ask<Q extends Question>(question: Q, ...[ask]: Ask<Q> extends null ? [] : [Ask<Q>]): Promise<Reply<Q>> {
    return this.#asked.ask(question, (id) => this.send({ type: "ask", id, question, ask: ask ?? null }));
  }

  /** Between two processes, what is sent waits for the next. What one has that ends is lost, and `gone` says so. */
  send(message: ToWorker): void {
    if (!this.#current?.child.send(message)) this.#unsent.push(message);
  }

  /** Ends the process, and with it all that it was given; another takes its place at once. */
  kill(): void {
    if (this.#current) {
      this.#current.isSound = true;
      this.#current.child.kill();
    } else {
      this.#unsent.length = 0;
      this.gone.next({ code: null, signal: "SIGKILL", stderr: "" });
    }
  }

  /** Ends it for good. Resolves when it is gone. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#restart);
    const current = this.#current;
    if (!current) return;
    await new Promise<void>((resolve) => {
      this.gone.subscribe(() => resolve());
      current.child.kill();
    });
  }

  #start(): void {
    const child = startChild({
      hidden: this.#options.hidden,
      hear: (message) => this.#hear(message),
      gone: (how) => this.#end(how),
    });
    this.#current = { child, started: performance.now(), isSound: false };
    this.send({ type: "open", options: this.#options, runs: this.#runs });
    for (const message of this.#unsent.splice(0)) this.send(message);
  }

  #hear(message: FromWorker): boolean {
    if (message.type === "answer") return this.#asked.answer(message.id, message.reply);
    if (message.type === "problems") this.#asked.refuse(message.id, message.problems);
    else if (message.type === "say") this.#say(message.line);
    else if (message.type === "ready") {
      this.#backend = message.backend;
      this.#isReady(message.backend);
    } else if (message.type === "unusable") {
      this.#closed = true;
      this.#isUnusable(new Error(message.reason));
    } else {
      if (message.type === "end" && this.#current) this.#current.isSound = true;
      this.messages.next(message);
    }
    return true;
  }

  #end(how: Gone): void {
    const { isSound = false, started = 0 } = this.#current ?? {};
    this.#crashes = isSound || performance.now() - started > soundMs ? 1 : this.#crashes + 1;
    this.#current = undefined;
    this.#backend = undefined;
    this.#asked.end();
    if (!this.#closed) this.#startAgain();
    this.gone.next(how);
  }

  /** The first time at once; one that ends again and again is given longer and longer pauses. */
  #startAgain(): void {
    const pauseMs = this.#crashes < 2 ? 0 : Math.min(longestPauseMs, 1_000 * 2 ** (this.#crashes - 2));
    if (pauseMs > 0) this.#say(`The worker ended again; another starts in ${pauseMs / 1_000} s`);
    this.#restart = setTimeout(() => this.#start(), pauseMs);
  }
}
