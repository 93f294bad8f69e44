import { readFileSync } from "node:fs";

/** What a process holds in memory, in MB, as Linux tells it. */
export const rssOf = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1_024;
