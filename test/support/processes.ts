/** The processes of a server, as Linux tells of them. */
import { readFileSync } from "node:fs";

/** Ids of a process's children. */
export const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);

/** Of a server's two workers the one in which graphs run: the one that the system has given more time. */
export function sampler(server: number): number {
  const time = (pid: number) => {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
    return Number(fields[11]) + Number(fields[12]);
  };
  const [a, b] = childrenOf(server);
  return time(a) > time(b) ? a : b;
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
