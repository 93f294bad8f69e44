/**
 * Copies of the run history, one a day, the last three kept. A copy is made by a process of its own: SQLite reads what is
 * there at one moment while the server writes on, and the server waits for nothing.
 */
import { fork } from "node:child_process";
import { readdirSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "../files/make-folder.ts";
import { programAt } from "../files/package-root.ts";
import type { Say } from "../log/say.ts";

const kept = 3;
/** When the start is over; then often enough to meet every day. */
const soonMs = 60_000;
const oftenMs = 3_600_000;
const copier = programAt("runs/copy-database");

const folderOf = (data: string): string => join(data, "backups");

/** The copies in a data folder, the newest first. */
export function backupsIn(data: string): string[] {
  try {
    const names = readdirSync(folderOf(data)).filter((name) => /^runs-\d{4}-\d\d-\d\d\.db$/.test(name));
    return names.sort((a, b) => (a < b ? 1 : -1)).map((name) => join(folderOf(data), name));
  } catch {
    return [];
  }
}

/** Where the history is kept as it was before it was upgraded. It stays: an older program can still read it. */
export const copyBefore = (data: string, version: number): string => join(folderOf(data), `runs-version-${version}.db`);

/** Copies the history, unless it was copied on this day. Resolves to whether it was; rejects with why it could not be. */
export async function backUp(data: string, now: Date = new Date()): Promise<boolean> {
  const path = join(folderOf(data), `runs-${now.toISOString().slice(0, 10)}.db`);
  if (backupsIn(data).includes(path)) return false;
  makeFolder(folderOf(data), 0o700);
  for (const name of readdirSync(folderOf(data)))
    if (name.endsWith(".tmp")) await rm(join(folderOf(data), name), { force: true });
  const unfinished = `${path}.tmp`;
  await copyHistory(join(data, "runs.db"), unfinished);
  await rename(unfinished, path);
  for (const old of backupsIn(data).slice(kept)) await rm(old, { force: true });
  return true;
}

/** Copies the history soon, and then every day. Returns what ends this. */
export function backUpDaily(data: string, say: Say): () => void {
  const attempt = () =>
    backUp(data).catch((error) => say(`Cannot copy the run history: ${error.message}`, { level: "error" }));
  const soon = setTimeout(attempt, soonMs).unref();
  const often = setInterval(attempt, oftenMs).unref();
  return () => {
    clearTimeout(soon);
    clearInterval(often);
  };
}

/** In a process of its own, while another one may write to it. Rejects with why it cannot be copied. */
export function copyHistory(from: string, to: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = fork(copier, [from, to], { stdio: ["ignore", "ignore", "pipe", "ipc"] });
    let stderr = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      stderr = (stderr + text).slice(-1_000);
    });
    child.once("error", reject);
    child.once("exit", (code) => (code === 0 ? resolve() : reject(new Error(stderr.trim() || `status ${code}`))));
  });
}
