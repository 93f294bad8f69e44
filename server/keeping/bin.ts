/**
 * How a run goes: into the trash, from where it comes back as it was, and then for good. What is listed has its files at
 * every moment: the row goes before them, and comes back after them. Whatever was cut short is finished at the next start.
 */
import { existsSync } from "node:fs";
import { rename } from "node:fs/promises";
import { dirname } from "node:path";
import { Subject } from "rxjs";
import type { DataFolder } from "../files/data-folder.ts";
import { makeFolder } from "../files/make-folder.ts";
import { removeSlowly } from "../files/slowly.ts";
import type { Say } from "../log/say.ts";
import { endStates, type RunSummary, type TrashedRun } from "../protocol.ts";
import { Refusal } from "../refusal.ts";
import type { RunLog } from "../runs/run-log.ts";
import type { KeptRuns } from "./kept-runs.ts";

/** So long a run can be taken out of the trash again. */
export const trashMs = 30 * 60_000;

export interface BinOptions {
  readonly kept: KeptRuns;
  readonly log: RunLog;
  readonly data: Pick<DataFolder, "run" | "trash">;
  /** Resolves when nothing is written into a run's folder any more. */
  readonly untouched: (run: string) => Promise<unknown>;
  /** Hears of a run whose summary is another now, or gone. */
  readonly changed: (run: string) => void;
  /** Aborted: the server ends, and leaves what takes long to the next one. */
  readonly ending: AbortSignal;
  readonly say: Say;
  readonly now?: () => number;
}

export class Bin {
  /** Runs that nobody finds any more. */
  readonly removed = new Subject<string>();
  readonly #options: BinOptions;
  readonly #now: () => number;
  /** What is done to a run; the next thing waits for it. */
  readonly #doing = new Map<string, Promise<unknown>>();

  constructor(options: BinOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** Finishes what an earlier server began: at once what readers would see, and the rest when this resolves. */
  async resume(): Promise<() => Promise<void>> {
    const { kept } = this.#options;
    for (const { id } of await kept.trashed()) await this.#move(id, "trash");
    const leaving = await kept.leaving();
    return async () => {
      for (const id of leaving) await this.#alone(id, () => this.#clear(id));
    };
  }

  async list(): Promise<readonly TrashedRun[]> {
    return (await this.#options.kept.trashed()).map(withEnd);
  }

  /** Undefined: it is not in the trash. */
  async find(id: string): Promise<TrashedRun | undefined> {
    const run = await this.#options.kept.trashedRun(id);
    return run && withEnd(run);
  }

  /** Throws a Refusal for a run that has not ended, or is pinned. */
  putAway({ id, number, state, pinned }: RunSummary): Promise<void> {
    if (!endStates.has(state)) throw new Refusal("taken", `Run ${number} has not ended: cancel it first`);
    if (pinned) throw new Refusal("taken", `Run ${number} is pinned: unpin it first`);
    return this.#alone(id, async () => {
      const { kept, untouched } = this.#options;
      await untouched(id);
      await kept.setRemoved(id, new Date(this.#now()).toISOString());
      this.#gone(id);
      await this.#move(id, "trash");
    });
  }

  /** Throws a Refusal where it is not in the trash (any more). */
  restore(id: string): Promise<void> {
    return this.#alone(id, async () => {
      const { kept, changed } = this.#options;
      if (!(await kept.trashedRun(id))) throw new Refusal("absent", "It is not in the trash");
      await this.#move(id, "run");
      await kept.setRemoved(id, undefined);
      changed(id);
    });
  }

  /** For good, wherever it is. `unlessKept`: but where it was pinned, or put away, meanwhile; false, then it stays. */
  remove(id: string, how: { readonly unlessKept?: boolean } = {}): Promise<boolean> {
    return this.#alone(id, async () => {
      const { kept, log, untouched } = this.#options;
      await untouched(id);
      if (!(await kept.forget(id, how))) return false;
      log.forget(id);
      this.#gone(id);
      await this.#clear(id);
      return true;
    });
  }

  /** Removes what is in the trash for long; or all of it, of one user or of all. */
  async empty(which: (run: TrashedRun) => boolean = ({ until }) => Date.parse(until) <= this.#now()): Promise<number> {
    const runs = (await this.list()).filter(which);
    for (const { id } of runs) if (!this.#options.ending.aborted) await this.remove(id);
    return runs.length;
  }

  #gone(id: string): void {
    this.removed.next(id);
    this.#options.changed(id);
  }

  async #clear(id: string): Promise<void> {
    const { kept, data, ending, say } = this.#options;
    try {
      for (const folder of [data.trash(id), data.run(id)]) await removeSlowly(folder, ending);
      await kept.clear(id, ending);
    } catch (error) {
      if (ending.aborted) return;
      // It is leaving still: the next server tries again.
      say(`Cannot remove what is left of run ${id}: ${(error as Error).message}`, { level: "warn", run: id });
    }
  }

  /** Its folder may be there already, and a run without outputs has none. */
  async #move(id: string, to: "trash" | "run"): Promise<void> {
    const { data, say } = this.#options;
    const [from, target] = to === "trash" ? [data.run(id), data.trash(id)] : [data.trash(id), data.run(id)];
    if (!existsSync(from)) return;
    try {
      makeFolder(dirname(target), 0o700);
      await rename(from, target);
    } catch (error) {
      if (to === "run") throw error;
      // Nobody finds it there; it comes back and goes from there as well.
      say(`Cannot move run ${id} into the trash: ${(error as Error).message}`, { level: "warn", run: id });
    }
  }

  #alone<T>(id: string, act: () => Promise<T>): Promise<T> {
    const done = (this.#doing.get(id) ?? Promise.resolve()).catch(() => {}).then(act);
    this.#doing.set(id, done);
    const leave = () => {
      if (this.#doing.get(id) === done) this.#doing.delete(id);
    };
    done.then(leave, leave);
    return done;
  }
}

const withEnd = (run: Omit<TrashedRun, "until">): TrashedRun => ({
  ...run,
  until: new Date(Date.parse(run.removed) + trashMs).toISOString(),
});
