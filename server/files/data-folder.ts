/** Where a server keeps what it is given: one folder, one server at a time. */
import { rmSync } from "node:fs";
import { homedir } from "node:os";
import { basename, join, resolve } from "node:path";
import { takeLock } from "./folder-lock.ts";
import { neverAgain } from "./kept-roots.ts";
import { makeFolder } from "./make-folder.ts";
import type { Place } from "./still-there.ts";

export interface DataFolder {
  readonly path: string;
  readonly graphs: string;
  readonly samplers: string;
  readonly models: string;
  readonly images: string;
  /** What is on its way to somebody: empty at first. */
  readonly exports: string;
  /** The folder of one run, and in it that of its outputs. */
  run(id: string): string;
  outputs(id: string): string;
  /** Where the folder of a run is that was put away. */
  trash(id: string): string;
  /** Lets another server have it. */
  release(): void;
}

export const defaultDataFolder = (environment: NodeJS.ProcessEnv): string =>
  environment.GUIDEGRAPH_DATA ??
  join(environment.XDG_DATA_HOME ?? join(environment.HOME ?? homedir(), ".local", "share"), "guidegraph");

/** What of it must stay where it is while a server has it, its history opened. */
export const placesOf = ({ path, graphs, samplers, models, images, exports }: DataFolder): readonly Place[] => [
  { called: "The data folder", path, kept: "self" },
  { called: "The history, runs.db in the data folder,", path: join(path, "runs.db"), kept: "self" },
  { called: "The lock, lock.db in the data folder,", path: join(path, "lock.db"), kept: "self" },
  ...[graphs, samplers, models, images, exports].map((folder): Place => {
    return { called: `The folder ${basename(folder)} in the data folder`, path: folder, kept: "folder" };
  }),
];

/** Makes the folder where it is missing and takes it. Throws when another server has it. */
export async function takeDataFolder(given: string): Promise<DataFolder> {
  const path = resolve(given);
  const [graphs, samplers, models, images] = ["graphs", "samplers", "models", "images"].map((name) => join(path, name));
  for (const folder of [path, graphs, samplers, models, images]) makeFolder(folder, 0o700);
  const unlock = await takeLock(
    path,
    (owner) => `The data folder ${path} is in use by ${owner}: end it, or give another with --data`,
  );
  const again = neverAgain(path);
  const exports = join(path, "exports");
  // Nobody waits any more for what an earlier server was writing.
  rmSync(exports, { recursive: true, force: true });
  makeFolder(exports, 0o700);
  const run = (id: string) => join(path, "runs", id);
  return {
    path,
    graphs,
    samplers,
    models,
    images,
    exports,
    run,
    outputs: (id) => join(run(id), "outputs"),
    trash: (id) => join(path, "trash", id),
    release() {
      again();
      unlock();
    },
  };
}
