/**
 * Room on the disk that is held by a file of no use. When the disk is full the file goes, so that the history can still
 * say so; until there is room for it again, nothing new is begun.
 */
import { randomFillSync } from "node:crypto";
import { open, rm, stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";

const ballastBytes = 64 * 2 ** 20;
/** What a run needs at least. */
const marginBytes = 32 * 2 ** 20;

export class Ballast {
  readonly #path: string;
  /** A small disk may never have had room for it. */
  #wasThere = false;
  #isFull = false;

  constructor(path: string) {
    this.#path = path;
  }

  /** A write found no room, and since then there has not been enough. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** Takes the room, where there is as much again. Never fails. */
  async take(): Promise<void> {
    try {
      const { size } = await stat(this.#path).catch(() => ({ size: 0 }));
      if (size < ballastBytes) {
        if ((await this.#free()) < ballastBytes + marginBytes) return;
        await this.#write();
      }
      this.#wasThere = true;
    } catch {}
  }

  /** A write found the disk full. */
  async release(): Promise<void> {
    this.#isFull = true;
    await rm(this.#path, { force: true }).catch(() => {});
  }

  /** Whether there is room to begin something that brings `bytes`; after the disk was full, room for the ballast too. */
  async hasRoom(bytes = 0): Promise<boolean> {
    if (!this.#isFull) return bytes === 0 || (await this.#free().catch(() => Infinity)) >= bytes + marginBytes;
    const needed = bytes + marginBytes + (this.#wasThere ? ballastBytes : 0);
    if ((await this.#free().catch(() => 0)) < needed) return false;
    if (this.#wasThere) await this.take();
    this.#isFull = false;
    return true;
  }

  async #write(): Promise<void> {
    // Zeros would cost some file systems nothing.
    const piece = randomFillSync(Buffer.alloc(2 ** 20));
    const file = await open(this.#path, "w");
    try {
      for (let written = 0; written < ballastBytes; written += piece.length) await file.writeFile(piece);
      await file.sync();
    } finally {
      await file.close();
    }
  }

  async #free(): Promise<number> {
    const { bavail, bsize } = await statfs(dirname(this.#path));
    return bavail * bsize;
  }
}
