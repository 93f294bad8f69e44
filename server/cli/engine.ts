/** Files, networks and a provider, put together from what the command line says. */
import { statSync } from "node:fs";
import { homedir, totalmem } from "node:os";
import { join } from "node:path";
import { type ImageStore, imageStore, Networks, type Provider } from "../../runtime/index.ts";
import { builtModels } from "../files/built-models.ts";
import { type Folders, folders } from "../files/folders.ts";
import { Hashes } from "../files/hashes.ts";
import { bundledModels } from "../package-root.ts";
import { UsageError } from "./errors.ts";

export interface EngineOptions {
  readonly models?: readonly string[] | undefined;
  readonly images?: readonly string[] | undefined;
  /** Files that the user named by path. */
  readonly typed?: readonly string[];
  readonly cache?: string | undefined;
  readonly environment: NodeJS.ProcessEnv;
  readonly provider: () => Promise<Provider>;
  readonly say: (line: string) => void;
}

export interface Engine {
  readonly files: Folders;
  readonly hashes: Hashes;
  readonly networks: Networks;
  readonly images: ImageStore;
}

/** Throws a UsageError for a folder that is none. */
export function engine({
  models = [],
  images = [],
  typed = [],
  cache,
  environment,
  provider,
  say,
}: EngineOptions): Engine {
  for (const folder of [...models, ...images])
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
      throw new UsageError(`There is no folder ${folder}`);
  const cacheFolder = cache ?? environment.GUIDEGRAPH_CACHE ?? join(homedir(), ".cache", "guidegraph");
  const hashes = new Hashes(cacheFolder);
  const all = [...models, bundledModels];
  const files = folders({ models: all, images: [...images, ...all], typed, hashes });
  // Half of the memory: the other half is for what sessions need beside their weights, and for everything else.
  const networks = new Networks({
    files,
    built: builtModels(cacheFolder),
    provider,
    maxSessionBytes: totalmem() / 2,
    say,
  });
  return { files, hashes, networks, images: imageStore(files) };
}
