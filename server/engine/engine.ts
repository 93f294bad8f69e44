/** What a process looks at graphs with, and runs them: nodes, files, networks, pictures and a provider. */
import { statSync } from "node:fs";
import { type Context, nodes, type Registry } from "../../nodes/index.ts";
import {
  Budget,
  type ImageStore,
  imageStore,
  modelsOf,
  Networks,
  type Precision,
  type Provider,
  type TensorStore,
  tensorStore,
} from "../../runtime/index.ts";
import { builtModels } from "../files/built-models.ts";
import { cacheFolderOf } from "../files/cache-folder.ts";
import { type Folders, folders } from "../files/folders.ts";
import { Hashes } from "../files/hashes.ts";
import { byFlag, type HowToBring } from "../files/how-to-bring.ts";
import { bundledModels } from "../files/package-root.ts";
import { UsageError } from "../flags/errors.ts";
import { type GradientMemory, gradientMemory, type RunsOn } from "./card-memory.ts";
import { decodePicture } from "./decode-picture.ts";
import { machineMemory, nativeMemory, toMeasure, unmeasured } from "./machine-memory.ts";

export interface EngineOptions {
  readonly registry?: Registry;
  readonly models?: readonly string[] | undefined;
  readonly images?: readonly string[] | undefined;
  /** Files that the user named by path. */
  readonly typed?: readonly string[];
  /** Default: by the flags of a command line. */
  readonly howToBring?: HowToBring;
  readonly cache?: string | undefined;
  readonly environment: NodeJS.ProcessEnv;
  /** Aborted when this process is to end: what it looks at in files it lets go of. */
  readonly signal?: AbortSignal | undefined;
  /** Asked once, when something is to run; absent where graphs and files are only looked at. */
  readonly provider?: () => Promise<Provider>;
  /** Which of several cards it runs on. */
  readonly device?: number | undefined;
  /** Where other processes run graphs: each of these may be given any. Absent: this one does, where it has a provider. */
  readonly runsOn?: readonly RunsOn[] | undefined;
  /** Default: auto. */
  readonly precision?: Precision | undefined;
  /** Bytes that this process may hold; absent: all that there is. */
  readonly memoryBytes?: number | undefined;
  /** Bytes that a run may hold, where it runs in another process than this; absent: as many as this. */
  readonly runBytes?: number | undefined;
  readonly say?: (line: string) => void;
}

export interface Engine {
  readonly registry: Registry;
  readonly files: Folders;
  readonly hashes: Hashes;
  readonly networks: Networks;
  /** One for all runs: a classifier from a cache must be known to whoever differentiates it. */
  readonly models: Context["models"];
  readonly images: ImageStore;
  readonly tensors: TensorStore;
  /** For all that is remembered in this process, but for sessions. */
  readonly memory: Budget;
  readonly provider: () => Promise<Provider>;
  /** In which networks are computed: another makes other files. */
  readonly precision: Precision;
  /** That a run may hold. */
  readonly runBytes: number;
  /** Where its gradients are held. */
  readonly gradientMemory: () => Promise<GradientMemory>;
}

/** Values of runs, pictures, what is known of networks. */
const rememberedBytes = 512 * 2 ** 20;

const nothingRuns = () => Promise.reject(new Error("Nothing is run here"));

/** Throws a UsageError for a folder that is none. */
export function engine({
  registry = nodes,
  models = [],
  images = [],
  typed = [],
  howToBring = byFlag,
  cache,
  environment,
  signal,
  provider: choose = nothingRuns,
  device,
  runsOn,
  precision = "auto",
  memoryBytes: bounded,
  runBytes = bounded ?? machineMemory(),
  say = () => {},
}: EngineOptions): Engine {
  for (const folder of [...models, ...images])
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
      throw new UsageError(`There is no folder ${folder}`);
  const memoryBytes = bounded ?? machineMemory();
  const without = unmeasured();
  // Of a process that was given a bound, whoever gave it says so.
  if (without !== undefined && bounded === undefined && choose !== nothingRuns) say(`${without} (${toMeasure})`);
  const cacheFolder = cacheFolderOf(cache, environment);
  const hashes = new Hashes(cacheFolder, signal);
  const all = [...models, bundledModels];
  const files = folders({ models: all, images: [...images, ...all], typed, hashes, howToBring });
  let chosen: Promise<Provider> | undefined;
  const provider = () => {
    chosen ??= choose();
    return chosen;
  };
  /** Nothing is started here to know it, where something else runs graphs. */
  const places = async (): Promise<readonly RunsOn[]> =>
    runsOn ?? [{ backend: choose === nothingRuns ? "auto" : (await provider()).name, device }];
  let gradients: Promise<GradientMemory> | undefined;
  // Half of the memory: the other half is for what sessions need beside their weights, and for everything else.
  const memory = new Budget(rememberedBytes);
  const networks = new Networks({
    files,
    built: builtModels(cacheFolder),
    provider,
    precision,
    maxSessionBytes: memoryBytes / 2,
    held: nativeMemory,
    budget: memory,
    say,
  });
  return {
    registry,
    files,
    hashes,
    networks,
    models: modelsOf(networks),
    images: imageStore(files, decodePicture, memory),
    tensors: tensorStore(files, memory),
    memory,
    provider,
    precision,
    runBytes,
    gradientMemory() {
      gradients ??= places().then((all) => gradientMemory(all));
      return gradients;
    },
  };
}
