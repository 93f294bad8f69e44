/** How much memory another process holds, as Linux tells of it. */
import { readFile } from "node:fs/promises";

/** Bytes; undefined of one that is gone, and on other systems. */
export async function residentBytes(pid: number): Promise<number | undefined> {
  try {
    const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, "utf8")) ?? [];
    return kib === undefined ? undefined : Number(kib) * 1_024;
  } catch {
    return undefined;
  }
}
