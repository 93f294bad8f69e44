/** The runs that other machines are told of, each as long as one of them is at it: its order is laid out, and taken away at its end. */
import type { Span, Task } from "../channel/messages.ts";
import type { Ask, Question, Reply } from "../channel/questions.ts";
import { packageVersion } from "../files/package-root.ts";
import type { Say } from "../log/say.ts";
import { type Order, protocol, type Shard } from "../shards/shard.ts";
import type { Desk, LaidOut } from "./desk.ts";
import { HelpedRun } from "./helped-run.ts";
import type { Jobs } from "./jobs.ts";
import { NotLaidOut } from "./not-laid-out.ts";
import { Troubles } from "./troubles.ts";

export interface ToldRunsOptions {
  readonly jobs: Jobs;
  readonly desk: Desk;
  readonly ask: <Q extends Question>(question: Q, ask: Ask<Q>) => Promise<Reply<Q>>;
  /** Whether Redis is there. */
  readonly isThere: () => boolean;
  /** Whether a run has begun and is not over. */
  readonly isAt: (run: string) => boolean;
  readonly say: Say;
}

interface Told {
  readonly laidOut: Promise<{ readonly laidOut: LaidOut; readonly helped: HelpedRun }>;
  /** It is over: what is still to be laid out is given up. */
  readonly end: AbortController;
}

export class ToldRuns {
  readonly #options: ToldRunsOptions;
  readonly #told = new Map<string, Told>();
  /** What an earlier server gave out, and workers are at still or have brought. */
  #begun: readonly Shard[] = [];
  /** Runs that are being forgotten: one that is told of again waits for that. */
  readonly #forgetting = new Map<string, Promise<void>>();
  /** Runs whose order could not be put. */
  readonly #unlaid: Troubles;

  constructor(options: ToldRunsOptions) {
    const { say } = options;
    this.#options = options;
    this.#unlaid = new Troubles({
      began: (why) =>
        say(`Workers get nothing to draw of a run: ${why}. It is tried again without end`, { level: "warn" }),
      ended: () => say("No run waits any more for its order to be put"),
    });
  }

  get names(): readonly string[] {
    return [...this.#told.keys()];
  }

  /** Why the order of one could not be put. */
  get problem(): string | undefined {
    return this.#unlaid.why;
  }

  /** Whether its order could not be put a moment ago. */
  isPausing(run: string): boolean {
    return this.#unlaid.isPausing(run);
  }

  /** Whether an order that could not be put may be tried again; those of runs that are over are no trouble any more. */
  mayTryAgain(): boolean {
    for (const run of this.#unlaid.names) if (!this.#options.isAt(run)) this.#unlaid.passed(run);
    return this.#unlaid.names.some((run) => !this.#unlaid.isPausing(run));
  }

  /** These are out since before. */
  expect(begun: readonly Shard[]): void {
    this.#begun = begun;
  }

  /** Batches of a run that an earlier server gave out. */
  begunOf(run: string): readonly Span[] {
    return this.#begun.filter((one) => one.run === run);
  }

  /** The run of a task as others are told of it, from here on. */
  async of(task: Task): Promise<HelpedRun> {
    const told = this.#told.get(task.run) ?? this.#tell(task);
    return (await told.laidOut).helped;
  }

  #tell(task: Task): Told {
    const end = new AbortController();
    const told = { laidOut: this.#layOut(task, end.signal), end };
    this.#told.set(task.run, told);
    told.laidOut.catch(() => {
      if (this.#told.get(task.run) === told) this.#told.delete(task.run);
    });
    return told;
  }

  /** Rejects with a NotLaidOut where the place of orders does not take it. */
  async #layOut(
    { run, graph, options: { batches, targets } }: Task,
    signal: AbortSignal,
  ): Promise<Awaited<Told["laidOut"]>> {
    const { jobs, desk, ask, isThere, say } = this.#options;
    const asked = { graph, batches, ...(targets && { targets }) };
    await this.#forgetting.get(run);
    if (isThere()) await jobs.beginRun(run).catch(() => {});
    const { canSpread, files, ...planned } = await ask("order", asked);
    const order: Order = {
      run,
      version: packageVersion(),
      protocol,
      batches,
      ...(targets && { targets }),
      ...planned,
      files: files.map(({ path: _, ...file }) => file),
    };
    const paths = new Map(files.map(({ sha256, path }) => [sha256, path]));
    const laidOut = await desk.layOut(order, paths, signal).catch((error: Error) => {
      if (!signal.aborted) this.#unlaid.failed(run, error);
      throw new NotLaidOut(error.message);
    });
    this.#unlaid.passed(run);
    return {
      laidOut,
      helped: new HelpedRun(
        run,
        laidOut,
        canSpread,
        (shard, signal) => jobs.draw(shard, signal),
        say,
        this.#begun.filter((one) => one.run === run),
      ),
    };
  }

  /** What is still said of it to Redis and to the place of orders is waited for by nobody but the same run. */
  forget(run: string): void {
    const forgetting = this.#takeBack(run)
      .catch(() => {})
      .finally(() => this.#forgetting.delete(run));
    this.#forgetting.set(run, forgetting);
  }

  async #takeBack(run: string): Promise<void> {
    const { jobs, desk } = this.#options;
    const told = this.#told.get(run);
    this.#told.delete(run);
    this.#begun = this.#begun.filter((one) => one.run !== run);
    told?.end.abort(new Error("The run is over"));
    // Whoever draws at it hears of it whatever becomes of the order.
    await jobs.endRun(run).catch(() => {});
    const settled = await told?.laidOut.catch(() => undefined);
    if (settled) await desk.takeAway(settled.laidOut);
  }

  /** What is still to be laid out is given up. */
  close(): void {
    for (const { end } of this.#told.values()) end.abort(new Error("The server ends"));
  }
}
