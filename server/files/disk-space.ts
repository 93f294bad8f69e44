/** How much room a folder takes and has left, known without waiting: what is told is a little old, and looked at anew beside. */
import { readdir, stat, statfs } from "node:fs/promises";
import { join } from "node:path";

const freeMs = 5_000;
/** A folder of a hundred thousand outputs is walked in seconds. */
const takenMs = 300_000;
/** Between so many files others get their turn at the disk. */
const filesAtOnce = 32;

export class DiskSpace {
  readonly #folder: string;
  readonly #free: Remembered;
  readonly #taken: Remembered;

  constructor(folder: string) {
    this.#folder = folder;
    this.#free = new Remembered(freeMs, async () => {
      const { bavail, bsize } = await statfs(this.#folder);
      return bavail * bsize;
    });
    this.#taken = new Remembered(takenMs, () => bytesBelow(folder));
    // Whoever asks first shall know it.
    void this.free;
  }

  /** Bytes that may be written still; undefined until they are known. */
  get free(): number | undefined {
    return this.#free.value;
  }

  /** Bytes of all files below it; undefined until they are known. */
  get taken(): number | undefined {
    return this.#taken.value;
  }
}

/** A number that is looked at again when it is asked for and old. */
class Remembered {
  #value: number | undefined;
  #at = Number.NEGATIVE_INFINITY;
  #looking = false;

  constructor(
    readonly ms: number,
    readonly look: () => Promise<number>,
  ) {}

  get value(): number | undefined {
    if (!this.#looking && performance.now() - this.#at > this.ms) void this.#lookAgain();
    return this.#value;
  }

  async #lookAgain(): Promise<void> {
    this.#looking = true;
    // What cannot be looked at is not known.
    this.#value = await this.look().catch(() => undefined);
    this.#at = performance.now();
    this.#looking = false;
  }
}

/** Links are not followed; what goes meanwhile counts for nothing. */
export async function bytesBelow(folder: string): Promise<number> {
  let bytes = 0;
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const { name } of entries.filter((entry) => entry.isDirectory())) bytes += await bytesBelow(join(folder, name));
  const files = entries.filter((entry) => entry.isFile());
  for (let i = 0; i < files.length; i += filesAtOnce) {
    const some = files.slice(i, i + filesAtOnce).map(({ name }) => stat(join(folder, name)).then(({ size }) => size));
    for (const one of await Promise.allSettled(some)) if (one.status === "fulfilled") bytes += one.value;
  }
  return bytes;
}
