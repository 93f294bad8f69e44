/**
 * A device of another machine, as whoever lends devices sees it: it plans a run here, asks for batches, has them drawn by whichever
 * machine takes the job, and says that they are done. Its process is somebody else's: it never ends by itself.
 */
import { rm } from "node:fs/promises";
import { Subject } from "rxjs";
import type { FromWorker, RunMessage, Span, Task, ToWorker } from "../channel/messages.ts";
import { failureOf } from "../channel/problems.ts";
import type { Sampler } from "../devices/device.ts";
import type { RunFailure } from "../protocol.ts";
import { openPacked } from "../shards/packed.ts";
import type { Gone } from "../supervisor/child.ts";
import type { Choose, HelpedRun, ShardEnd } from "./helped-run.ts";
import { NotLaidOut } from "./not-laid-out.ts";
import { placeShard } from "./place-shard.ts";
import { previewsIn } from "./previews-in.ts";

/** What it is at. */
interface Current {
  readonly task: Task;
  readonly helped: Promise<HelpedRun>;
  readonly abort: AbortController;
  readonly chosen: Map<string, (is: string | number) => void>;
  /** Batches of it are given out. */
  isOut: boolean;
  /** What was drawn is on its way into the files of the run: resolves when nothing writes there any more. */
  placing: Promise<unknown> | undefined;
}

/** What ends a process wherever it is tried is the run's fault; one that failed there may do better elsewhere. */
const isOfProcess = ({ code }: RunFailure): boolean => code !== "GRAPH";

export class Slot implements Sampler {
  readonly messages = new Subject<RunMessage>();
  readonly gone = new Subject<Gone>();
  readonly started = new Subject<void>();
  readonly called = "worker";
  readonly backend = "worker";
  readonly state = "ready";
  readonly pauseMs = undefined;
  readonly unusable = undefined;
  readonly ready = Promise.resolve("worker");
  readonly #draw: (task: Task) => Promise<HelpedRun>;
  #current: Current | undefined;
  /** The last result that was put to its place. */
  #placed: string | undefined;
  #isRetired = false;

  /** `draw`: the run as others are told of it. */
  constructor(draw: (task: Task) => Promise<HelpedRun>) {
    this.#draw = draw;
  }

  send(message: ToWorker): void {
    if (message.type === "run") void this.#begin(message.task);
    else if (message.type === "chosen") this.#current?.chosen.get(message.name)?.(message.is);
    else if (message.type === "cancel") this.#leave(message.run, "cancelled");
    else if (message.type !== "next") return;
    else if (typeof message.is === "number") void this.#drawn({ from: message.is, to: message.is + 1 });
    else if (typeof message.is === "object" && "from" in message.is) void this.#drawn(message.is);
    else this.#leave(message.run, "left");
  }

  /** Of no use to whoever lent it: what it had is given to others. */
  kill(): void {
    const current = this.#current;
    current?.abort.abort();
    this.#current = undefined;
    this.#removePlaced();
    whenPlaced(current, () => this.gone.next({ code: null, signal: "SIGKILL", stderr: "" }));
  }

  /** Machines went: it gives back what it has, and that is nobody's fault. */
  retire(): void {
    this.#isRetired = true;
    if (this.#current) this.#leave(this.#current.task.run, "left");
  }

  /** As `retire`, but what it has out is waited for: another machine may be at it. */
  retireWhenSettled(): void {
    if (this.#current?.isOut) this.#isRetired = true;
    else this.retire();
  }

  /** As `retire`, but what came is put to its place first. */
  async retireWhenPlaced(): Promise<void> {
    this.#isRetired = true;
    await this.#current?.placing;
    this.retire();
  }

  async close(): Promise<void> {
    this.retire();
  }

  /** Whether a machine may be at what it has. */
  get isWaiting(): boolean {
    return this.#current !== undefined;
  }

  async #begin(task: Task): Promise<void> {
    const abort = new AbortController();
    const current: Current = {
      task,
      helped: this.#draw(task),
      abort,
      chosen: new Map(),
      isOut: false,
      placing: undefined,
    };
    this.#current = current;
    try {
      const helped = await current.helped;
      this.#say(current, { type: "next", run: task.run, ...helped.wish });
    } catch (error) {
      // What is wrong with a run says whoever begins it here.
      const end = { type: "end", run: task.run } as const;
      if (error instanceof NotLaidOut) this.#say(current, { ...end, state: "refused", why: error.message });
      else this.#say(current, { ...end, state: "left" });
    }
  }

  async #drawn(span: Span): Promise<void> {
    const current = this.#current;
    if (!current) return;
    const { task, abort } = current;
    current.isOut = true;
    try {
      const helped = await current.helped;
      const choose = this.#chooser(current);
      const drawn = await helped.draw(span, choose, abort.signal);
      if (this.#current !== current) return;
      if ("failure" in drawn) this.#failed(current, drawn.failure);
      else if ("refused" in drawn)
        this.#say(current, { type: "end", run: task.run, state: "refused", why: drawn.refused });
      else {
        const placed = this.#place(current, span, drawn, choose, helped.mayShow());
        current.placing = placed.catch(() => {});
        await placed;
        if (abort.signal.aborted) return;
        current.placing = undefined;
        current.isOut = false;
        if (this.#isRetired) this.#leave(task.run, "left");
        else this.#say(current, { type: "next", run: task.run, ...helped.wish });
      }
    } catch (error) {
      if (abort.signal.aborted) return;
      this.#say(current, { type: "end", run: task.run, state: "failed", failure: failureOf(error, []) });
    }
  }

  /** What is chosen once for a run is asked of whoever lends it. */
  #chooser(current: Current): Choose {
    const { signal } = current.abort;
    return (name, is) =>
      new Promise((resolve, reject) => {
        signal.throwIfAborted();
        const onAbort = () => reject(signal.reason);
        signal.addEventListener("abort", onAbort);
        current.chosen.set(name, (is) => {
          signal.removeEventListener("abort", onAbort);
          resolve(is);
        });
        this.#say(current, { type: "choose", run: current.task.run, name, is });
      });
  }

  async #place(
    current: Current,
    span: Span,
    { path }: Extract<ShardEnd, { path: string }>,
    choose: Choose,
    isShown: boolean,
  ): Promise<void> {
    const { task, abort } = current;
    const { signal } = abort;
    const { run, noted, folder, options } = task;
    if (!noted) throw new Error("A run of one batch is not spread");
    let isPlaced = false;
    try {
      const opened = await openPacked(path);
      await placeShard(opened, { folder, rows: noted.folder, span, choose, signal });
      const { batches, kept } = opened.about;
      const previews = isShown ? await previewsIn(opened, run) : [];
      if (signal.aborted) return;
      for (const preview of previews) this.#say(current, preview);
      for (const { batch, saved, ...took } of batches) {
        for (const file of saved) this.#say(current, { type: "event", run, event: { type: "output", ...file } });
        this.#say(current, { type: "done", run, batch, of: options.batches, ...took, saved, kept });
      }
      isPlaced = true;
    } finally {
      // Its batches are being noted: until the next one has come a server that is killed leaves it to the next.
      const useless = isPlaced ? this.#placed : path;
      if (isPlaced) this.#placed = path;
      if (useless !== undefined) await rm(useless, { force: true });
    }
  }

  #failed(current: Current, failure: RunFailure): void {
    const { run } = current.task;
    if (isOfProcess(failure)) {
      this.#current = undefined;
      this.#removePlaced();
      this.gone.next({ code: null, signal: null, stderr: "", failure });
    } else this.#say(current, { type: "end", run, state: "failed", failure });
  }

  #leave(run: string, state: "left" | "cancelled"): void {
    const current = this.#current;
    if (current?.task.run !== run) return;
    current.abort.abort();
    whenPlaced(current, () => this.#say(current, { type: "end", run, state }));
  }

  /** One that was replaced has nothing to say any more. */
  #say(current: Current, message: Extract<FromWorker, RunMessage>): void {
    if (this.#current !== current) return;
    if (message.type === "end") this.#current = undefined;
    this.messages.next(message);
    if (message.type === "end") this.#removePlaced();
  }

  #removePlaced(): void {
    if (this.#placed !== undefined) void rm(this.#placed, { force: true });
    this.#placed = undefined;
  }

  get isRetired(): boolean {
    return this.#isRetired;
  }
}

/** Whoever hears of an end removes what is on its way: nothing may be written there any more. */
function whenPlaced(current: Current | undefined, then: () => void): void {
  if (current?.placing) void current.placing.then(then);
  else then();
}
