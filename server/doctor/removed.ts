/** A data folder that was removed below a server: its files are open still, and their names say so. Linux alone tells. */
import { existsSync, readdirSync, readlinkSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { type Finding, fault } from "./finding.ts";

export function* removed(data: string): Generator<Finding> {
  const folder = placeOf(resolve(data));
  const gone = new Set(["lock.db", "runs.db"].map((name) => `${join(folder, name)} (deleted)`));
  for (const pid of entries("/proc").filter((name) => /^\d+$/.test(name))) {
    const files = entries(`/proc/${pid}/fd`).map((fd) => linkOf(`/proc/${pid}/fd/${fd}`));
    if (files.some((file) => gone.has(file)))
      yield fault(
        "folder",
        `Process ${pid} is a server of ${data}, which was removed, or what was in it: it takes nothing new`,
        "end the process and start the server anew; what was in the folder comes from a backup",
      );
  }
}

/** As the system names it, also where it is no more. */
function placeOf(path: string): string {
  if (existsSync(path)) return realpathSync(path);
  return dirname(path) === path ? path : join(placeOf(dirname(path)), basename(path));
}

/** Those of other users are theirs. */
function entries(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
