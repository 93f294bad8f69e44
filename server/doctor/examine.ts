/** Looks at an installation and a data folder, and changes nothing: what is wrong, in the order in which one mends it. */
import { existsSync } from "node:fs";
import { type Finding, note } from "./finding.ts";
import { folder, isFolder } from "./folder.ts";
import { type HistoryOptions, history } from "./history.ts";
import { type InstallationOptions, installation } from "./installation.ts";
import { removed } from "./removed.ts";

export async function* examine(
  options: InstallationOptions & HistoryOptions & { readonly redis?: string | undefined },
): AsyncGenerator<Finding> {
  yield* installation(options);
  if (options.redis !== undefined) {
    const { redis } = await import("./redis.ts");
    yield* redis(options.redis);
  }
  const { data } = options;
  yield* removed(data);
  if (!existsSync(data)) {
    yield note("folder", `There is no data folder ${data} yet: a server makes it`);
    return;
  }
  yield* folder(data);
  if (!isFolder(data)) return;
  yield* history(options);
  yield note("P4, P6", "That a server outlives its processes, and tells of no wrong result, shows while it runs");
}
