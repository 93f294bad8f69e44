/**
 * Where the files of one run go. Pictures are files as they come; rows of an NPZ come batch by batch, lie in a spool
 * until the last is there, and are never held as a whole. What an interrupted run of the same left is found again.
 */
import type { TensorFile } from "../nodes/index.ts";
import type { ComputedIn } from "./models/precision.ts";

export type Pieces = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

export interface Store {
  /** Keeps a file: it appears whole or not at all, and never in another's place. Resolves to its SHA-256 in hex. */
  save(name: string, pieces: Pieces): Promise<string>;
  /**
   * Numbers for a stem's pictures from `from` on, or behind all that there are where one before `to` is taken. `count`: how many
   * there will be, where that is known; no other run gets one of these.
   */
  numbers(stem: string, from: number, to: number, count?: number): Promise<Numbers>;
  /** A name for a file: the stem and the extension, a number between them where another file has that name. */
  free(stem: string, extension: string): Promise<string>;
  /** In which precision the run is computed: as it was begun, or as it is here. */
  computedIn(is: ComputedIn): Promise<ComputedIn>;
  /** Bytes on their way into a file, with what an interrupted run has put there. */
  spool(name: string): Promise<Spool>;
  /** What the files will be that hold all batches, by the node that makes them: who makes them may have seen no batch. */
  readonly gathered: Map<string, Gathered>;
}

/** What a file of all batches will be: rows of `dims` in `arr_0`, so many are wanted (0: all). */
export interface Gathered {
  readonly type: "uint8" | TensorFile["type"];
  readonly dims: readonly number[];
  readonly limit: number;
  /** "numbers": no file, what a measure concludes from them. */
  readonly format: TensorFile["format"] | "numbers";
  /** How many numbers there are beside the rows of a measure. */
  readonly beside?: number | undefined;
  /** Absent: it is called by what it holds. */
  readonly stem?: string | undefined;
}

/** The number of a batch, and where what it saves begins: absent where that follows from what came before it. */
export interface Place {
  readonly batch: number;
  readonly at?: number | undefined;
}

export interface Numbers {
  /** The first of so many that follow one another. */
  take(count: number, place: Place): number;
}

export interface Spool {
  /** How many bytes there are. */
  size(): Promise<number>;
  /** Batches without a place of their own come in order. */
  append(bytes: Uint8Array, place: Place): Promise<void>;
  /** The first so many, in pieces. */
  read(length: number): AsyncIterable<Uint8Array>;
}

/** Spools that are held in memory, for runs of one batch and where there is no disk. */
export function memorySpool(): Spool {
  const chunks: Uint8Array[] = [];
  return {
    size: async () => chunks.reduce((sum, { length }) => sum + length, 0),
    async append(chunk) {
      chunks.push(chunk);
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
