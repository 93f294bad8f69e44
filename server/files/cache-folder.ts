/** Where what can be made again is kept: built models, hashes of files. */
import { homedir } from "node:os";
import { join } from "node:path";

export const cacheFolderOf = (given: string | undefined, environment: NodeJS.ProcessEnv): string =>
  given ?? environment.GUIDEGRAPH_CACHE ?? join(homedir(), ".cache", "guidegraph");
