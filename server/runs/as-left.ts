/**
 * Whether a history is as it was left. To look through the file of very many runs takes a start longer than all else, and of
 * one that was closed well and not touched since it tells nothing new.
 */
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";

/** Notes how the closed file is. What cannot be noted is looked through. */
export function noteLeft(path: string): void {
  try {
    writeFileSync(noteOf(path), look(path), { mode: 0o600 });
  } catch {
    rmSync(noteOf(path), { force: true });
  }
}

/** Whether nothing was done to the file since it was noted, and no process ended at work on it. The note is taken away. */
export function isAsLeft(path: string): boolean {
  try {
    return readFileSync(noteOf(path), "utf8") === look(path);
  } catch {
    return false;
  } finally {
    rmSync(noteOf(path), { force: true });
  }
}

const noteOf = (path: string): string => `${path}-left`;

function look(path: string): string {
  const { size, mtimeNs, ctimeNs, ino } = statSync(path, { bigint: true });
  return [size, mtimeNs, ctimeNs, ino].join(" ");
}
