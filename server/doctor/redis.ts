/** Whether a Redis does for a server that other machines help: it is there, keeps what it is given, and has no known hole. */
import { redisName } from "../shards/address.ts";
import { lookAtRedis, warningsOf } from "../shards/redis.ts";
import { sizeText } from "../units.ts";
import { type Finding, fault, ok, warning } from "./finding.ts";

/** The first versions in which whoever may run a script cannot run anything else (CVE-2025-49844). */
const mended = [
  [6, 2, 20],
  [7, 2, 11],
  [7, 4, 6],
  [8, 0, 4],
  [8, 2, 2],
] as const;

export async function* redis(url: string): AsyncGenerator<Finding> {
  const check = "redis";
  try {
    const state = await lookAtRedis(url);
    const warnings = warningsOf(state);
    for (const line of warnings) {
      const [what, todo] = line.split(/: (?=set )/);
      yield warning(check, `Redis ${what}`, todo);
    }
    if (!isMended(state.version))
      yield warning(
        check,
        `Redis ${state.version}, as its project made it, lets who may run scripts take over its host (CVE-2025-49844)`,
        "update it, or see that your distribution has mended it; let in nobody but the server and its workers",
      );
    if (warnings.length === 0)
      yield ok(check, `Redis ${state.version} at ${redisName(url)}, ${sizeText(state.usedBytes)} in use`);
  } catch (error) {
    const [what, todo = "see --redis"] = (error as Error).message.split(/: (?=start it|redis:\/\/)/);
    yield fault(check, what, todo);
  }
}

/** A line that has had no mended version is newer or older than all of them. */
export function isMended(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split(".").map(Number);
  const line = mended.find(([a, b]) => a === major && b === minor);
  if (line) return patch >= line[2];
  const [newest] = mended.slice(-1);
  return major > newest[0] || (major === newest[0] && minor > newest[1]);
}
