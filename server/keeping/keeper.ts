/** All that decides how long runs are kept, put together: what HTTP and the socket see of it, its start and its end. */
import type { DataFolder } from "../files/data-folder.ts";
import type { Say } from "../log/say.ts";
import type { Usage } from "../protocol.ts";
import type { Database } from "../runs/database.ts";
import type { RunQueue } from "../runs/queue.ts";
import type { RunLog } from "../runs/run-log.ts";
import { Bin } from "./bin.ts";
import { Calendar } from "./calendar.ts";
import { InUse } from "./in-use.ts";
import { KeptRuns } from "./kept-runs.ts";
import { Retention, type Rules } from "./retention.ts";
import { Upkeep } from "./upkeep.ts";
import { usageOf } from "./usage.ts";

export interface Keeper {
  readonly kept: KeptRuns;
  readonly bin: Bin;
  readonly inUse: InUse;
  readonly usage: () => Promise<Usage>;
  /** By how many bytes what is kept is more than it may be; 0 where it is not. */
  readonly beyond: number;
  /** Resolves when nothing is listed that is not there; all else goes on beside. */
  start(): Promise<void>;
  /** Resolves when nothing more is done; what takes long is left to the next server. */
  end(): Promise<void>;
}

export interface KeeperOptions {
  readonly database: Database;
  readonly log: RunLog;
  readonly queue: RunQueue;
  readonly data: DataFolder;
  /** Where built models are kept. */
  readonly cache: string;
  readonly rules: Rules;
  readonly say: Say;
}

export function keeperOf({ database, log, queue, data, cache, rules, say }: KeeperOptions): Keeper {
  const ending = new AbortController();
  const inUse = new InUse();
  const kept = new KeptRuns(database);
  const calendar = new Calendar(say);
  const shared = {
    kept,
    data,
    untouched: (run: string) => queue.untouched(run),
    changed: (run: string) => queue.changed.next(run),
    ending: ending.signal,
    say,
    now: () => calendar.now(),
  };
  const bin = new Bin({ ...shared, log });
  const retention = new Retention({ ...shared, bin, inUse, rules });
  const upkeep = new Upkeep({ ...shared, bin, retention, lifecycle: log.lifecycle });
  return {
    kept,
    bin,
    inUse,
    usage: usageOf({ kept, retention, data, cache }),
    get beyond() {
      return retention.beyond;
    },
    start: () => upkeep.start(),
    async end() {
      ending.abort();
      await upkeep.settled();
    },
  };
}
