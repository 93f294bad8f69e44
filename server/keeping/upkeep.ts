/** What is done beside the runs, for as long as a server lives: runs are weighed as they end, and removed as the rules say. */
import type { Observable } from "rxjs";
import type { DataFolder } from "../files/data-folder.ts";
import { weigh } from "../files/slowly.ts";
import type { Say } from "../log/say.ts";
import { endStates } from "../protocol.ts";
import type { LifecycleLogged } from "../runs/run-log.ts";
import type { Bin } from "./bin.ts";
import type { KeptRuns } from "./kept-runs.ts";
import type { Retention } from "./retention.ts";

const everyMs = 60_000;

export interface UpkeepOptions {
  readonly kept: KeptRuns;
  readonly bin: Bin;
  readonly retention: Retention;
  readonly lifecycle: Observable<LifecycleLogged>;
  readonly data: Pick<DataFolder, "run" | "trash">;
  /** Resolves when nothing is written into a run's folder any more. */
  readonly untouched: (run: string) => Promise<unknown>;
  readonly changed: (run: string) => void;
  /** Aborted: nothing more is begun. */
  readonly ending: AbortSignal;
  readonly say: Say;
}

export class Upkeep {
  readonly #options: UpkeepOptions;
  /** One thing after the other. */
  #work: Promise<unknown> = Promise.resolve();

  constructor(options: UpkeepOptions) {
    this.#options = options;
  }

  /** Finishes what an earlier server began, then keeps at it. Resolves when nothing is listed that is not there. */
  async start(): Promise<void> {
    const { bin, retention, lifecycle, ending } = this.#options;
    const finish = await bin.resume();
    this.#do(finish);
    this.#do(() => this.#weighAll());
    this.#do(() => retention.sweep());
    const ends = lifecycle.subscribe(({ run, state }) => {
      if (endStates.has(state)) this.#do(() => this.#weigh(run));
    });
    const timer = setInterval(() => this.#do(() => retention.sweep()), everyMs).unref();
    ending.addEventListener("abort", () => {
      ends.unsubscribe();
      clearInterval(timer);
    });
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    await this.#work;
  }

  #do(act: () => Promise<unknown>): void {
    this.#work = this.#work
      .then(() => this.#options.ending.aborted || act())
      .catch((error) =>
        this.#options.say(`Upkeep fails: ${error instanceof Error ? error.stack : error}`, { level: "error" }),
      );
  }

  async #weigh(id: string): Promise<void> {
    const { kept, changed } = this.#options;
    await kept.setWeights(new Map([[id, await this.#weightOf(id)]]));
    changed(id);
  }

  async #weightOf(id: string): Promise<number> {
    const { data, untouched } = this.#options;
    await untouched(id);
    return (await weigh(data.run(id))) + (await weigh(data.trash(id)));
  }

  /** Of a history that was upgraded no run was weighed. There may be very many: whoever lists them next sees it. */
  async #weighAll(): Promise<void> {
    const { kept, ending } = this.#options;
    for (;;) {
      const weights = new Map<string, number>();
      for (const id of await kept.unweighed()) {
        if (ending.aborted) return;
        weights.set(id, await this.#weightOf(id));
      }
      if (weights.size === 0) return;
      await kept.setWeights(weights);
    }
  }
}
