/** Puts what another machine drew of a run where this one would have put it: rows to their place, pictures under their names. */
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import type { Span } from "../channel/messages.ts";
import { rowsIn } from "../files/lost-batches.ts";
import { OutputFolder } from "../files/output-folder.ts";
import { expectBatches, type Opened } from "../shards/packed.ts";
import type { Choose } from "./helped-run.ts";

export interface PlaceOptions {
  /** Where pictures go, and where rows lie on their way. */
  readonly folder: string;
  readonly rows: string;
  /** What was asked for. */
  readonly span: Span;
  readonly choose: Choose;
  /** Aborted: the run is over, and nothing more is put there. */
  readonly signal: AbortSignal;
}

/** Resolves when all of it is on the disk. Throws an Error for what is not what was asked for, and the reason of `signal`. */
export async function placeShard({ about, parts }: Opened, options: PlaceOptions): Promise<void> {
  const { folder, rows, span, choose, signal } = options;
  expectBatches(about, span);
  for (const [name, is] of Object.entries(about.names)) {
    const chosen = await choose(name, is);
    if (chosen !== is) throw new Error(`"${name}" is ${chosen} in this run, and ${is} where another machine drew it`);
  }
  for (const [i, { name, at }] of about.rows.entries())
    await placeRows(rowsIn(rows, name), at, until(signal, parts[i]()));
  const output = new OutputFolder(folder, { folder: rows, kept: about.kept, choose: async (_, is) => is });
  const saved = new Map(about.batches.flatMap(({ saved }) => saved.map(({ name, sha256 }) => [name, sha256] as const)));
  for (const [i, { name }] of about.files.entries()) {
    const sha256 = await output.save(name, until(signal, parts[about.rows.length + i]()));
    if (saved.get(name) !== sha256) throw new Error(`${name} is not what the machine says that drew it`);
  }
}

/** The pieces, as long as they are wanted. */
async function* until(signal: AbortSignal, pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  signal.throwIfAborted();
  for await (const piece of pieces) {
    yield piece;
    signal.throwIfAborted();
  }
}

/** Others write to the file too, each to its place. */
async function placeRows(path: string, at: number, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  const file = await open(path, constants.O_RDWR | constants.O_CREAT);
  try {
    let place = at;
    for await (const piece of pieces)
      for (let done = 0; done < piece.length; ) {
        const { bytesWritten } = await file.write(piece, done, piece.length - done, place);
        done += bytesWritten;
        place += bytesWritten;
      }
    await file.sync();
  } finally {
    await file.close();
  }
}
