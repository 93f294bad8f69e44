/** How many files a process may have open, connections counted: where they are all taken, nothing can be read or started. */
import { readFileSync } from "node:fs";

/** Of this process; undefined where the system does not say it so (Linux does), or has no limit. */
export function openFilesLimit(limits = "/proc/self/limits"): number | undefined {
  try {
    const [, most] = /^Max open files +(\d+) /m.exec(readFileSync(limits, "utf8")) ?? [];
    return most === undefined ? undefined : Number(most);
  } catch {
    return undefined;
  }
}
