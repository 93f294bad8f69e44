/**
 * A file of a log, put aside when it is large, of which so many are kept. The disk may fill and the folder vanish: then lines
 * go elsewhere, and it is tried again after a while. Nobody waits for it, and what waits for the disk is bounded.
 */
import { basename, dirname, resolve } from "node:path";
import { createStream, type RotatingFileStream } from "rotating-file-stream";
import { makeFolder } from "../files/make-folder.ts";

export interface LogFileOptions {
  readonly path: string;
  /** Beyond it the file becomes `path.1`, that one `path.2`, … */
  readonly maxBytes: number;
  /** How many are kept beside the one that is written. */
  readonly kept: number;
  /** Takes lines while the file does not. */
  readonly instead: (text: string) => void;
  readonly retryMs?: number;
}

/** Of lines that wait for the disk. */
const maxWaitingBytes = 2 ** 22;

export class LogFile {
  readonly #options: Required<LogFileOptions>;
  #stream: RotatingFileStream | undefined;
  #failedAt = Number.NEGATIVE_INFINITY;
  #lost = 0;

  private constructor(options: LogFileOptions) {
    this.#options = { retryMs: 10_000, ...options };
  }

  /** Throws when it cannot be written from the start. */
  static async open(options: LogFileOptions): Promise<LogFile> {
    makeFolder(dirname(resolve(options.path)), 0o700);
    const file = new LogFile(options);
    const stream = file.#begin();
    await new Promise<void>((opened, failed) => stream.once("open", () => opened()).once("error", failed));
    return file;
  }

  write(text: string): void {
    const { instead, retryMs } = this.#options;
    // What it could not write ends within a line.
    if (!this.#stream && performance.now() - this.#failedAt >= retryMs) this.#begin().write("\n");
    const stream = this.#stream;
    if (!stream) instead(text);
    else if (stream.writableLength > maxWaitingBytes) this.#lost++;
    else {
      if (this.#lost > 0) instead(`The disk was slow: ${this.#lost} lines of the log are lost\n`);
      this.#lost = 0;
      stream.write(text, (error) => {
        if (error) instead(text);
      });
    }
  }

  /** Resolves when all that it took is written, or cannot be. */
  async close(): Promise<void> {
    const stream = this.#stream;
    if (!stream) return;
    await new Promise<void>((resolve) => {
      stream.once("close", resolve);
      stream.end();
    });
  }

  #begin(): RotatingFileStream {
    const { path, maxBytes, kept, instead } = this.#options;
    const name = basename(path);
    const stream = createStream((index) => (index === null ? name : `${name}.${index}`), {
      path: dirname(resolve(path)),
      size: `${maxBytes}B`,
      rotate: kept,
      mode: 0o600,
    });
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (this.#stream !== stream) return;
      this.#stream = undefined;
      this.#failedAt = performance.now();
      instead(`Cannot write the log ${name} (${error.code ?? error.message}): its lines are told here until it can\n`);
    });
    this.#stream = stream;
    return stream;
  }
}
