/**
 * SHA-256 of files, remembered: a gigabyte takes seconds to hash, and nothing about it changes between two runs. A
 * record holds as long as the file's size, inode and both times do; the change time cannot be set back by a program.
 */
import { createHash } from "node:crypto";
import { setMaxListeners } from "node:events";
import { createReadStream, statSync } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { InCommon } from "./in-common.ts";
import { makeFolder } from "./make-folder.ts";

export class Hashes {
  readonly #folder: string;
  readonly #end: AbortSignal | undefined;
  readonly #running = new InCommon<string>();
  readonly #records = new Map<string, HashRecord>();

  /**
   * Records go below the cache folder, a small file for each path, so that processes do not get in each other's way. `end`:
   * aborted when the process is to end, and nothing is hashed any more.
   */
  constructor(cache: string, end?: AbortSignal) {
    this.#folder = join(cache, "sha256");
    this.#end = end;
    // As many listen as files are hashed at once: a network may have its weights in hundreds.
    if (end) setMaxListeners(0, end);
  }

  /** In hex. Rejects with the reason of `signal`, or of the end; others go on waiting for the same. */
  of(path: string, signal = this.#end): Promise<string> {
    return this.#running.wait(path, (end) => this.#look(path, end), signal);
  }

  async #look(path: string, signal: AbortSignal): Promise<string> {
    const state = stateOf(path);
    const file = join(this.#folder, `${createHash("sha256").update(path).digest("hex").slice(0, 32)}.json`);
    const known = this.#records.get(path) ?? (await readRecord(file));
    if (known?.path === path && known.state === state) {
      this.#records.set(path, known);
      return known.sha256;
    }
    const sha256 = await hashFile(path, signal);
    // A file that was written to meanwhile is not remembered.
    if (stateOf(path) !== state) return sha256;
    const record = { path, state, sha256 };
    this.#records.set(path, record);
    await writeRecord(file, record);
    return sha256;
  }
}

/** SHA-256 of a file, in hex, read as it is now. Rejects with an AbortError when `signal` is aborted. */
export async function hashFile(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  const stream = createReadStream(path, { highWaterMark: 2 ** 20, ...(signal && { signal }) });
  for await (const chunk of stream) hash.update(chunk);
  return hash.digest("hex");
}

interface HashRecord {
  readonly path: string;
  readonly state: string;
  readonly sha256: string;
}

/** Another whenever somebody may have written to the file, or put another in its place. */
export function stateOf(path: string): string {
  const { size, mtimeNs, ctimeNs, ino } = statSync(path, { bigint: true });
  return [size, mtimeNs, ctimeNs, ino].join(" ");
}

async function readRecord(file: string): Promise<HashRecord | undefined> {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch {
    return undefined;
  }
}

/** A cache that cannot be written costs time, never a run. */
async function writeRecord(file: string, record: HashRecord): Promise<void> {
  try {
    makeFolder(dirname(file));
    const temporary = `${file}.${process.pid}.tmp`;
    await writeFile(temporary, JSON.stringify(record));
    await rename(temporary, file);
  } catch {}
}
