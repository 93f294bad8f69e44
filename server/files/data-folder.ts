/** Where a server keeps what it is given: one folder, one server at a time. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { makeFolder } from "./make-folder.ts";

export interface DataFolder {
  readonly path: string;
  readonly graphs: string;
  readonly samplers: string;
  readonly models: string;
  readonly images: string;
  /** The folder of one run, and in it that of its outputs. */
  run(id: string): string;
  outputs(id: string): string;
  /** Lets another server have it. */
  release(): void;
}

export const defaultDataFolder = (environment: NodeJS.ProcessEnv): string =>
  environment.GUIDEGRAPH_DATA ??
  join(environment.XDG_DATA_HOME ?? join(environment.HOME ?? homedir(), ".local", "share"), "guidegraph");

/** Makes the folder where it is missing and takes it. Throws when another server has it. */
export function takeDataFolder(path: string): DataFolder {
  const [graphs, samplers, models, images] = ["graphs", "samplers", "models", "images"].map((name) => join(path, name));
  for (const folder of [path, graphs, samplers, models, images]) makeFolder(folder, 0o700);
  const lock = join(path, "lock");
  takeLock(lock, path);
  const run = (id: string) => join(path, "runs", id);
  return {
    path,
    graphs,
    samplers,
    models,
    images,
    run,
    outputs: (id) => join(run(id), "outputs"),
    release: () => rmSync(lock, { force: true }),
  };
}

function takeLock(lock: string, folder: string): void {
  const mine = JSON.stringify({ pid: process.pid, started: startOf(process.pid) });
  for (let attempt = 0; attempt < 2; attempt++)
    try {
      writeFileSync(lock, mine, { flag: "wx" });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      const owner = ownerOf(lock);
      if (owner !== undefined)
        throw new Error(`The data folder ${folder} is in use by process ${owner}: end it, or give another with --data`);
      rmSync(lock, { force: true });
    }
  throw new Error(`The data folder ${folder} is being taken by another process; try again`);
}

/** The process that holds a lock; undefined when it is gone, or its number is another process's now. */
function ownerOf(lock: string): number | undefined {
  try {
    const { pid, started } = JSON.parse(readFileSync(lock, "utf8"));
    process.kill(pid, 0);
    return started === startOf(pid) ? pid : undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM" ? -1 : undefined;
  }
}

/** When a process started, in the system's own ticks; null where the system does not tell. */
function startOf(pid: number): string | null {
  try {
    // The name, in parentheses, may itself hold spaces and parentheses; the start time is the twentieth field after it.
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return null;
  }
}
