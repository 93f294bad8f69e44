/**
 * The server's side of a process in which graphs are planned or run: what waits for it is told when it ends, and another
 * takes its place.
 */
import { type Observable, Subject } from "rxjs";
import type { FromWorker, RunMessage, ToWorker, WorkerOptions } from "../channel/messages.ts";
import type { Ask, Question, Reply } from "../channel/questions.ts";
import type { About, Level } from "../log/say.ts";
import type { Stuck } from "../protocol.ts";
import { sizeText } from "../units.ts";
import { Asked, type Undone } from "./asked.ts";
import { type Child, type Gone, startChild } from "./child.ts";
import { howGone, undoingOf } from "./how-gone.ts";
import type { WorkerRole } from "./worker-role.ts";

const longestPauseMs = 30_000;
/** One that lived so long did not crash at its start. */
const soundMs = 10_000;
/** Of what it wrote before it ended: a stack, or what native code had to say. */
const lastWordsLength = 4_000;

/** The process that there is now. */
interface Current {
  readonly child: Child;
  readonly started: number;
  /** It has answered, or ended a run, or was ended from here, which is no fault of its own. */
  isSound: boolean;
  /** It holds more than it should: when its run ends, another takes its place. */
  isWorn: boolean;
  /** It was ended from here. */
  isKilled: boolean;
}

export class Worker {
  /** What it sends about runs. */
  readonly messages = new Subject<RunMessage>();
  /** It ended. */
  readonly gone = new Subject<Gone>();
  /** A process is ready. */
  readonly started = new Subject<void>();
  /** What a process of it did not survive. */
  readonly undone: Observable<Undone>;
  /** The name of the backend, once it has started; rejects when it cannot start as it was told to. */
  readonly ready: Promise<string>;
  readonly #options: WorkerOptions;
  readonly #role: WorkerRole;
  readonly #asked: Asked;
  /** What the next process is sent first. */
  readonly #unsent: ToWorker[] = [];
  #current: Current | undefined;
  #backend: string | undefined;
  /** How often it has ended in a row; after a sound one, counted anew. */
  #crashes = 0;
  /** The run that it was given last, until it has ended. */
  #run: string | undefined;
  #pauseMs = 0;
  #restarts = -1;
  #closed = false;
  #unusable: string | undefined;
  #restart: NodeJS.Timeout | undefined;
  #isReady: (backend: string) => void = () => {};
  #isUnusable: (error: Error) => void = () => {};

  /** Starts it. */
  constructor(options: WorkerOptions, role: WorkerRole) {
    this.#options = options;
    this.#role = role;
    this.#asked = new Asked(() => this.kill(), role.bounds?.quietMs);
    this.undone = this.#asked.undone;
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

  /** Throws a Refusal, also when it ends before it answers: an Overwhelmed, where it ended of the question. */
  ask<Q extends Question>(question: Q, ask: Ask<Q>, leaving?: AbortSignal): Promise<Reply<Q>> {
    return this.#asked.ask(question, ask, leaving);
  }

  /** What it is to the server. */
  get name(): WorkerRole["is"] {
    return this.#role.is;
  }

  /** What it is called in lines. */
  get called(): string {
    return this.#role.device === undefined ? this.name : `${this.name} of ${this.#role.device}`;
  }

  /** Why it cannot start as it was told to, and is not tried again. */
  get unusable(): string | undefined {
    return this.#unusable;
  }

  /** "paused": it ended again and again, and starts anew after a while. */
  get state(): "starting" | "ready" | "paused" {
    if (this.pauseMs !== undefined) return "paused";
    return this.#backend === undefined ? "starting" : "ready";
  }

  /** How long it pauses, while it does. */
  get pauseMs(): number | undefined {
    return this.#current || this.#pauseMs === 0 ? undefined : this.#pauseMs;
  }

  /** Of the process that there is now. */
  get pid(): number | undefined {
    return this.#current?.child.pid;
  }

  /** How often another process took the place of one that had ended. */
  get restarts(): number {
    return this.#restarts;
  }

  /** How many questions wait. */
  get waiting(): number {
    return this.#asked.waiting;
  }

  /** The question that it is at for long. */
  get stuck(): Stuck | undefined {
    return this.#asked.stuck;
  }

  /** Between two processes, what is sent waits for the next. What one has that ends is lost, and `gone` says so. */
  send(message: ToWorker): void {
    if (message.type === "run") this.#run = message.task.run;
    if (!this.#current?.child.send(message)) this.#unsent.push(message);
  }

  /** Ends the process, and with it all that it was given; another takes its place at once. */
  kill(): void {
    if (this.#current) {
      this.#current.isSound = true;
      this.#current.isKilled = true;
      this.#current.child.kill();
    } else {
      this.#unsent.length = 0;
      this.gone.next({ code: null, signal: "SIGKILL", stderr: "" });
    }
  }

  /** Ends it for good. Resolves when it is gone. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#asked.close();
    clearTimeout(this.#restart);
    const current = this.#current;
    if (!current) return;
    await new Promise<void>((resolve) => {
      this.gone.subscribe(() => resolve());
      current.child.kill();
    });
  }

  #start(): void {
    const { is, bounds: { heapMiB, memoryBytes } = {} } = this.#role;
    const child = startChild({
      title: this.#role.device ?? this.name,
      heapMiB,
      computes: is === "sampler",
      hidden: this.#options.hidden,
      // One that was replaced has nothing to say any more.
      hear: (message) => this.#current?.child !== child || this.#hear(message),
      gone: (how) => this.#current?.child === child && this.#end(how),
    });
    this.#restarts++;
    this.#current = { child, started: performance.now(), isSound: false, isWorn: false, isKilled: false };
    const options = { ...this.#options, ...(memoryBytes !== undefined && { memoryBytes }) };
    this.send({ type: "open", options, runs: is === "sampler" });
    for (const message of this.#unsent.splice(0)) this.send(message);
  }

  #hear(message: FromWorker): boolean {
    this.#asked.heard();
    if (message.type === "answer" || message.type === "problems") {
      if (this.#current) this.#current.isSound = true;
      if (message.type === "answer") return this.#asked.answer(message.id, message.reply);
      this.#asked.refuse(message.id, message.problems, message.isFull);
    } else if (message.type === "say") this.#role.say(message.line, this.#about("info"));
    else if (message.type === "ready") {
      this.#backend = message.backend;
      this.#isReady(message.backend);
      this.started.next();
      this.#asked.open((id, question, ask) => this.send({ type: "ask", id, question, ask }));
    } else if (message.type === "unusable") {
      this.#closed = true;
      this.#unusable = message.reason;
      this.#asked.close(`The ${this.called} does not start: ${message.reason}`);
      this.#isUnusable(new Error(message.reason));
    } else if (message.type === "worn") {
      this.#role.say(
        `The process that runs graphs grew by ${sizeText(message.bytes)} that it does not need: it is replaced`,
        this.#about("info"),
      );
      if (this.#current) this.#current.isWorn = true;
    } else if (message.type !== "beat") {
      if (message.type === "end" && this.#current) this.#current.isSound = true;
      if (message.type === "end" && message.run === this.#run) this.#run = undefined;
      // Before anybody hears that it is free: what is sent next is for the next.
      if (message.type === "end" && this.#current?.isWorn) this.#replace(this.#current);
      this.messages.next(message);
    }
    return true;
  }

  /** Between two runs, so that nothing is lost with it. */
  #replace({ child }: Current): void {
    this.#backend = undefined;
    this.#asked.end(undefined);
    this.#start();
    child.kill();
  }

  #end(how: Gone): void {
    const { isSound = false, isKilled = false, started = 0 } = this.#current ?? {};
    if (!this.#closed) this.#sayGone(how, isKilled);
    this.#run = undefined;
    this.#crashes = isSound || performance.now() - started > soundMs ? 1 : this.#crashes + 1;
    this.#current = undefined;
    this.#backend = undefined;
    this.#asked.end(undoingOf(how));
    if (!this.#closed && !this.#gaveUp(how)) this.#startAgain();
    this.gone.next(how);
  }

  #about(level: Level): About {
    return { level, process: this.name, ...(this.#run !== undefined && { run: this.#run }) };
  }

  #sayGone(how: Gone, isKilled: boolean): void {
    this.#role.say(`The ${this.called} ended (${howGone(how)})`, this.#about(isKilled ? "info" : "warn"));
    const last = how.stderr.trim().slice(-lastWordsLength);
    if (last !== "") this.#role.say(`The ${this.called} wrote last: ${last}`, this.#about("debug"));
  }

  /** Whether it is not tried again. */
  #gaveUp(how: Gone): boolean {
    if (!this.#role.isOnce || (this.#crashes < 2 && this.#asked.waiting > 0)) return false;
    this.#closed = true;
    this.#asked.close(
      `The ${this.called} ended twice before it began (${howGone(how)}): the server's log says more; try again`,
    );
    return true;
  }

  /** The first time at once; one that ends again and again is given longer and longer pauses. */
  #startAgain(): void {
    const pauseMs = this.#crashes < 2 ? 0 : Math.min(longestPauseMs, 1_000 * 2 ** (this.#crashes - 2));
    this.#pauseMs = pauseMs;
    if (pauseMs > 0)
      this.#role.say(`The ${this.called} ended again; another starts in ${pauseMs / 1_000} s`, this.#about("warn"));
    this.#restart = setTimeout(() => this.#start(), pauseMs);
  }
}
