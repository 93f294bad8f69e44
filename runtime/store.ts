/**
 * Where the files of one run go. Pictures are files as they come; rows of an NPZ come batch by batch, lie in a spool
 * until the last is there, and are never held as a whole. What an interrupted run of the same left is found again.
 */

export type Pieces = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

export interface Store {
  /** Keeps a file: it appears whole or not at all, and never in another's place. Resolves to its SHA-256 in hex. */
  save(name: string, pieces: Pieces): Promise<string>;
  /** Numbers for a stem's pictures from `from` on, or behind all that there are where one before `to` is taken. */
  numbers(stem: string, from: number, to: number): Promise<Numbers>;
  /** A name for a file: the stem and the extension, a number between them where another file has that name. */
  free(stem: string, extension: string): Promise<string>;
  /** Bytes on their way into a file, with what an interrupted run has put there. */
  spool(name: string): Promise<Spool>;
}

export interface Numbers {
  /** The first of so many that follow one another. `batch`: the number of the batch they belong to. */
  take(count: number, batch: number): number;
}

export interface Spool {
  /** How many there are. */
  readonly bytes: number;
  /** `batch`: the number of the batch they belong to. Batches come in order. */
  append(bytes: Uint8Array, batch: number): Promise<void>;
  /** The first so many, in pieces. */
  read(length: number): AsyncIterable<Uint8Array>;
}

/** Spools that are held in memory, for runs of one batch and where there is no disk. */
export function memorySpool(): Spool {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  return {
    get bytes() {
      return bytes;
    },
    async append(chunk) {
      chunks.push(chunk);
      bytes += chunk.length;
    },
    async *read(length) {
      for (const chunk of chunks) {
        if (length <= 0) return;
        yield chunk.subarray(0, length);
        length -= chunk.length;
      }
    },
  };
}

/** The first of `stem.ext`, `stem-2.ext`, `stem-3.ext` … that is not taken. */
export function freeName(stem: string, extension: string, isTaken: (name: string) => boolean): string {
  for (let n = 1; ; n++) {
    const name = `${n === 1 ? stem : `${stem}-${n}`}${extension}`;
    if (!isTaken(name)) return name;
  }
}
