/**
 * The server's side of a process in which graphs are planned or run. The process may crash, hang or lie: its messages
 * are held to their schema, what waits for it is told when it ends, and another takes its place.
 */
import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { Subject } from "rxjs";
import {
  type FromWorker,
  fromWorkerAtOnce,
  type Question,
  type ToWorker,
  type WorkerOptions,
} from "../channel/messages.ts";
import { presentable } from "../channel/problems.ts";
import { packageRoot } from "../files/package-root.ts";
import { Refusal } from "../refusal.ts";

export interface Gone {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The end of what it wrote to stderr. */
  readonly stderr: string;
  /** What it was killed for: it sent what is no message, or closed its channel and lived on. */
  readonly fault?: "garbage" | "silence";
  /** The error that it did not catch, as it said it. */
  readonly error?: string;
}

type Ask = { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void };

const main = join(packageRoot, "dist", "server", "worker", "main.js");
const stderrLength = 64 * 1024;
/** Between the end of a channel and the end of its process, where the one follows from the other. */
const silenceMs = 500;
const longestPauseMs = 30_000;
/** One that lived so long, or ended a run, did not crash at its start. */
const soundMs = 10_000;

export class Worker {
  /** What it sends about runs. */
  readonly messages = new Subject<FromWorker>();
  /** It ended. */
  readonly gone = new Subject<Gone>();
  /** The name of the backend, once it has started; rejects when it cannot start as it was told to. */
  readonly ready: Promise<string>;
  readonly #options: WorkerOptions;
  readonly #runs: boolean;
  readonly #say: (line: string) => void;
  readonly #asked = new Map<number, Ask>();
  #child: ChildProcess | undefined;
  #backend: string | undefined;
  #count = 0;
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
  ask<T>(question: Question): Promise<T> {
    const id = this.#count++;
    return new Promise<unknown>((resolve, reject) => {
      this.#asked.set(id, { resolve, reject });
      this.send({ type: "ask", id, question });
    }) as Promise<T>;
  }

  /** Between two processes, what is sent waits for the next. What one has that ends is lost, and `gone` says so. */
  send(message: ToWorker): void {
    if (this.#child?.connected) this.#child.send(message, () => {});
    else this.#unsent.push(message);
  }

  /** Ends the process, and with it all that it was given; another takes its place at once. */
  kill(): void {
    if (this.#child) {
      this.#killed = true;
      this.#child.kill("SIGKILL");
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
    await new Promise((resolve) => {
      child.once("exit", resolve);
      child.kill("SIGKILL");
    });
  }

  #start(): void {
    const started = performance.now();
    let stderr = "";
    let fault: Gone["fault"];
    const child = fork(main, [], { serialization: "advanced", stdio: ["ignore", "ignore", "pipe", "ipc"] });
    this.#child = child;
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      stderr = (stderr + text).slice(-stderrLength);
    });
    child.on("message", (raw) => {
      const read = fromWorkerAtOnce.safeParse(raw);
      if (read.success && !fault) for (const message of read.data) this.#hear(message);
      else {
        fault = "garbage";
        child.kill("SIGKILL");
      }
    });
    const exit = (code: number | null, signal: NodeJS.Signals | null) => {
      const isSound = this.#killed || this.#isProved || performance.now() - started > soundMs;
      this.#crashes = isSound ? 1 : this.#crashes + 1;
      this.#killed = false;
      this.#isProved = false;
      clearTimeout(silence);
      const error = uncaught(stderr);
      this.#end({
        code,
        signal,
        stderr,
        ...(fault && { fault }),
        ...(error && { error: presentable(error, this.#options.hidden) }),
      });
    };
    let silence: NodeJS.Timeout | undefined;
    child.on("exit", exit);
    // One that no longer listens is of no use, even if it lives.
    child.on("disconnect", () => {
      silence = setTimeout(() => {
        fault = "silence";
        child.kill("SIGKILL");
      }, silenceMs);
    });
    child.on("error", () => {
      if (child.pid === undefined) exit(null, null);
    });
    this.send({ type: "open", options: this.#options, runs: this.#runs });
    for (const message of this.#unsent.splice(0)) this.send(message);
  }

  #hear(message: FromWorker): void {
    if (message.type === "ready") {
      this.#backend = message.backend;
      this.#isReady(message.backend);
    } else if (message.type === "say") this.#say(message.line);
    else if (message.type === "unusable") {
      this.#closed = true;
      this.#isUnusable(new Error(message.reason));
    } else if (message.type === "answer") {
      this.#asked.get(message.id)?.resolve(message.value);
      this.#asked.delete(message.id);
    } else if (message.type === "problems") this.#fail(message.id, new Refusal("unfit", message.problems));
    else {
      if (message.type === "end") this.#isProved = true;
      this.messages.next(message);
    }
  }

  #fail(id: number, error: Error): void {
    this.#asked.get(id)?.reject(error);
    this.#asked.delete(id);
  }

  #end(gone: Gone): void {
    this.#backend = undefined;
    this.#child = undefined;
    const given = [...this.#asked.keys()];
    for (const id of given)
      this.#fail(id, new Refusal("unavailable", "The worker ended before it answered; try again"));
    if (!this.#closed) {
      // The first time at once; one that ends again and again is given longer and longer pauses.
      const pauseMs = this.#crashes < 2 ? 0 : Math.min(longestPauseMs, 1_000 * 2 ** (this.#crashes - 2));
      if (pauseMs > 0) this.#say(`The worker ended again; another starts in ${pauseMs / 1_000} s`);
      this.#timer = setTimeout(() => this.#start(), pauseMs);
    }
    this.gone.next(gone);
  }
}

/** The first line of the error that ended a process of Node: "Error: …". */
const uncaught = (stderr: string): string | undefined => /^(?:Uncaught )?(\w*Error: .{1,300})$/m.exec(stderr)?.[1];
