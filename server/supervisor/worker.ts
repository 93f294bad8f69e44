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
/** One that lived so long, or ended a run, did not crash at its start. */
const soundMs = 10_000;

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
  #child: Child | undefined;
  #backend: string | undefined;
  #crashes = 0;
  #closed = false;
  /** It was ended from here, which is no fault of its own. */
  #killed = false;
  /** It has ended a run. */
  #isProved = false;
  readonly #unsent: ToWorker[] = [];
  #timer: NodeJS.Timeout | undefined;
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
    if (!this.#child?.send(message)) this.#unsent.push(message);
  }

  /** Ends the process, and with it all that it was given; another takes its place at once. */
  kill(): void {
    if (this.#child) {
      this.#killed = true;
      this.#child.kill();
    } else {
      this.#unsent.length = 0;
      this.gone.next({ code: null, signal: "SIGKILL", stderr: "" });
    }
  }

  /** Ends it for good. Resolves when it is gone. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (!child) return;
    await new Promise<void>((resolve) => {
      this.gone.subscribe(() => resolve());
      child.kill();
    });
  }

  #start(): void {
    const started = performance.now();
    this.#child = startChild({
      hidden: this.#options.hidden,
      hear: (message) => this.#hear(message),
      gone: (how) => {
        const isSound = this.#killed || this.#isProved || performance.now() - started > soundMs;
        this.#crashes = isSound ? 1 : this.#crashes + 1;
        this.#end(how);
      },
    });
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
      if (message.type === "end") this.#isProved = true;
      this.messages.next(message);
    }
    return true;
  }

  #end(how: Gone): void {
    this.#backend = undefined;
    this.#child = undefined;
    this.#killed = false;
    this.#isProved = false;
    this.#asked.end();
    if (!this.#closed) {
      // The first time at once; one that ends again and again is given longer and longer pauses.
      const pauseMs = this.#crashes < 2 ? 0 : Math.min(longestPauseMs, 1_000 * 2 ** (this.#crashes - 2));
      if (pauseMs > 0) this.#say(`The worker ended again; another starts in ${pauseMs / 1_000} s`);
      this.#timer = setTimeout(() => this.#start(), pauseMs);
    }
    this.gone.next(how);
  }
}
