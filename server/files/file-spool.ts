/** A spool in a file: rows go to the disk as they come, so a run of 50,000 pictures holds no more of them than one batch. */
import { constants, createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import type { Place, Spool } from "../../runtime/index.ts";
import { Marked } from "./marked.ts";

const readBytes = 2 ** 20;

export class FileSpool implements Spool {
  readonly path: string;
  readonly #file: FileHandle;
  readonly #bytes: Marked;
  /** What is behind the end was never finished: it goes before something is put there. */
  #isCut = false;

  private constructor(path: string, file: FileHandle, bytes: number) {
    this.path = path;
    this.#file = file;
    this.#bytes = new Marked(bytes);
  }

  /** A file with so many bytes from before. Others may write to it too, each batch to its place. */
  static async open(path: string, bytes = 0): Promise<FileSpool> {
    const file = await open(path, constants.O_RDWR | constants.O_CREAT);
    const { size } = await file.stat();
    if (size < bytes) {
      await file.close();
      throw new Error(
        `${path} has ${size} bytes where ${bytes} were written: it was changed since. Remove the folder ${dirname(path)} to draw all of it again`,
      );
    }
    return new FileSpool(path, file, bytes);
  }

  async size(): Promise<number> {
    return (await this.#file.stat()).size;
  }

  async append(bytes: Uint8Array, { batch, at }: Place): Promise<void> {
    if (at === undefined && !this.#isCut) await this.#file.truncate(this.#bytes.value);
    this.#isCut = true;
    const begin = this.#bytes.add(bytes.length, batch, at);
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.#file.write(bytes, done, bytes.length - done, begin + done);
      done += bytesWritten;
    }
  }

  async *read(length: number): AsyncGenerator<Uint8Array> {
    if (length > 0) yield* createReadStream(this.path, { end: length - 1, highWaterMark: readBytes });
  }

  /** Brings a batch to the disk; resolves to where the last byte of all lies that were there by then. */
  async sync(batch: number): Promise<number> {
    const end = this.#bytes.at(batch);
    await this.#file.sync();
    return end;
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
