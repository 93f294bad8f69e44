/** The processes of a server, as Linux tells of them. */
import { readFileSync } from "node:fs";

/** Ids of a process's children. */
export const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);

/** Of a server's two workers the one in which graphs run: it is started last, and comes back after the other when it is killed. */
export const sampler = (server: number): number => childrenOf(server).at(-1) as number;

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
