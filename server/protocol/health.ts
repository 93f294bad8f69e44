/** How a server is: its devices and other machines, what it keeps, who asks. */

/** GET /api/health */
export interface Health {
  /** "unavailable": a run that is submitted now is refused. "degraded": it is taken, and yet something is wrong. */
  readonly status: "ok" | "degraded" | "unavailable";
  /** What is wrong, a sentence each. */
  readonly reasons: readonly string[];
  readonly version: string;
  /** Where networks run, "cpu" or "cuda, cpu"; "starting" until it is known. */
  readonly backend: string;
  /** The process that looks at graphs and files; "paused": it ended again and again, and starts anew after a while. */
  readonly planner: "starting" | "ready" | "stuck" | "paused";
  /** The processes that run graphs: the best of `devices`. */
  readonly sampler: "starting" | "ready" | "running" | "paused" | "out";
  readonly devices: readonly DeviceHealth[];
  /** Other machines that help (serve --redis); absent where nobody asked for them. */
  readonly machines?: {
    /** Whether Redis is there, by which they are reached. */
    readonly redis: "ok" | "away" | "refusing";
    /** What Redis says where it does not do what it is asked: its memory is full, or it answers nothing. */
    readonly why?: string;
    readonly workers: readonly WorkerHealth[];
  };
  readonly queue: {
    readonly state: "open" | "full" | "closing";
    readonly waiting: number;
    readonly running: number;
  };
  /** "gone": the data folder, or what must be in it, is not where the server opened it. */
  readonly disk: { readonly state: "ok" | "full" | "gone"; readonly freeBytes?: number };
  readonly history: "ok" | "unwritable";
  /** How many models and files are held (GET /api/quarantine). */
  readonly held: number;
  /** What is looked at for long now, while it is. */
  readonly stuck?: Stuck;
  /** Runs that wait for another device, here or of a worker: nobody who is there can draw on. */
  readonly stranded?: readonly Stranded[];
}

export interface Stranded {
  readonly run: string;
  readonly why: string;
}

/** A device, and what it does: of which run it draws which batch, from 0. */
export interface DeviceHealth {
  /** "cuda:1", "cpu#2"; "sampler" where there is one and no more was asked for. */
  readonly name: string;
  readonly backend?: string;
  /** "out": it failed again and again, `reason` says how, and is not used until the next start. */
  readonly state: "starting" | "ready" | "running" | "paused" | "out";
  readonly reason?: string;
  readonly run?: string;
  readonly batch?: number;
}

/** A machine that helps, by its own words: each device with the batches, from 0, of the run that it draws, and how many are done. */
export interface WorkerHealth {
  readonly name: string;
  readonly version: string;
  readonly devices: readonly {
    readonly name: string;
    readonly backend?: string | undefined;
    readonly at?:
      | { readonly run: string; readonly from: number; readonly to: number; readonly done: number }
      | undefined;
  }[];
  /** Shards that it put, and that failed, since it started. */
  readonly done: number;
  readonly failed: number;
  /** Pictures in an hour, of its last shard. */
  readonly hourly?: number | undefined;
  /** Runs of which it draws nothing now, and why. */
  readonly refuses?: readonly { readonly run: string; readonly why: string }[] | undefined;
  /** Why it gets none now. */
  readonly problem?: string | undefined;
}

export interface Stuck {
  /** What kind of look it is: "check", "model", "image" … */
  readonly question: string;
  readonly file?: string;
  readonly since: string;
  /** How many wait for it. */
  readonly waiting: number;
}

interface Weight {
  readonly count: number;
  readonly bytes: number;
}

/** GET /api/usage: bytes of all that a server keeps, and by which rules it removes runs. */
export interface Usage {
  readonly runs: Weight;
  readonly trash: Weight;
  readonly history: number;
  readonly backups: number;
  readonly models: number;
  readonly images: number;
  readonly builtModels: number;
  readonly rules: { readonly keepRuns?: number; readonly keepMs?: number; readonly maxBytes?: number };
  /** By how many bytes runs, trash and history are beyond `maxBytes`, and none may go. */
  readonly beyond?: number;
  /** The last time that runs were removed by the rules. */
  readonly lastSweep?: { readonly at: string; readonly runs: number; readonly bytes: number };
}

/** GET /api/session: who asks. Without a name: the owner, who may all. */
export interface Session {
  readonly user?: string;
}
