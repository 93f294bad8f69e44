/** A spool in a file: rows go to the disk as they come, so a run of 50,000 pictures holds no more of them than one batch. */
import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { Spool } from "../../runtime/index.ts";
import { Marked } from "./marked.ts";

const readBytes = 2 ** 20;

export class FileSpool implements Spool {
  readonly path: string;
  readonly #file: FileHandle;
  readonly #bytes: Marked;

  private constructor(path: string, file: FileHandle, bytes: number) {
    this.path = path;
    this.#file = file;
    this.#bytes = new Marked(bytes);
  }

  /** A file with so many bytes from before; what is behind them was never finished, and goes. */
  static async open(path: string, bytes = 0): Promise<FileSpool> {
    const file = await open(path, bytes === 0 ? "w" : "r+");
    const { size } = await file.stat();
    if (size < bytes) {
      await file.close();
      throw new Error(`${path} has ${size} bytes where ${bytes} were written: it was changed since`);
    }
    await file.truncate(bytes);
    return new FileSpool(path, file, bytes);
  }

  get bytes(): number {
    return this.#bytes.value;
  }

  async append(bytes: Uint8Array, batch: number): Promise<void> {
    const at = this.#bytes.add(bytes.length, batch);
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.#file.write(bytes, done, bytes.length - done, at + done);
      done += bytesWritten;
    }
  }

  async *read(length: number): AsyncGenerator<Uint8Array> {
    if (length > 0) yield* createReadStream(this.path, { end: length - 1, highWaterMark: readBytes });
  }

  /** Brings a batch to the disk; resolves to how many bytes there were after it. */
  async sync(batch: number): Promise<number> {
    const end = this.#bytes.at(batch);
    await this.#file.sync();
    return end;
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
