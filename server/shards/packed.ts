/**
 * The result of a shard as one file: a line of JSON, then the bytes that it speaks of, one after the other. Rows are those that
 * one machine would have put there, and say where; pictures are whole files.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { kept, savedFile } from "../files/journal-lines.ts";
import { rowsIn } from "../files/lost-batches.ts";
import type { Shard } from "./shard.ts";

const count = z.int().min(0);
/** They are for people who look on: what is more is left out. */
export const [maxPreviews, maxPreviewBytes] = [16, 4 * 2 ** 20] as const;
const packed = z.strictObject({
  /** What each batch took, and saved. */
  batches: z
    .array(
      z.strictObject({
        batch: count,
        ms: z.number().min(0),
        /** Nothing of it was computed. */
        cached: z.literal(true).exactOptional(),
        saved: z.array(savedFile),
      }),
    )
    .min(1),
  kept,
  /** What files are called, and the number of a stem's first picture, as it would be in an empty folder. */
  names: z.record(z.string().max(400), z.union([z.string().max(400), count])),
  /** Of arrays: where they begin in all rows of the run, in bytes, and how many they are. */
  rows: z.array(
    z.strictObject({ name: z.string().regex(/^[\d-]{1,200}\.(arr_[01]|beside)$/), at: count, bytes: count }),
  ),
  files: z.array(z.strictObject({ name: z.string().regex(/^[^/\\]{1,300}$/), bytes: count })),
  /** The last picture of each node, as a preview. */
  previews: z
    .array(z.strictObject({ of: z.string().max(2_000), bytes: count.max(maxPreviewBytes) }))
    .max(maxPreviews)
    .exactOptional(),
});
export type Packed = z.infer<typeof packed>;

/** Pictures of a shard have less to say. */
const maxHeaderBytes = 64 * 2 ** 20;
const pieceBytes = 2 ** 20;

/** Where what a result holds lies. */
export interface Sources {
  readonly rows: string;
  readonly files: string;
  /** Of each of `previews`. */
  readonly frames?: readonly Uint8Array[];
}

/** Rows and pictures as they are in the folders in which they were drawn. */
export async function* packedPieces(about: Packed, from: Sources): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`${JSON.stringify(about)}\n`);
  for (const { name, at, bytes } of about.rows) if (bytes > 0) yield* piecesOf(rowsIn(from.rows, name), at, bytes);
  for (const { name, bytes } of about.files) if (bytes > 0) yield* piecesOf(join(from.files, name), 0, bytes);
  yield* from.frames ?? [];
}

export interface Opened {
  readonly about: Packed;
  /** The bytes of each of `rows`, then of `files`, then of `previews`, in their order. */
  readonly parts: readonly (() => AsyncGenerator<Uint8Array>)[];
}

/** Throws an Error for what is none, or not whole. */
export async function openPacked(path: string): Promise<Opened> {
  const file = await open(path);
  try {
    const { about, length } = await headerOf(file);
    let at = length;
    const parts = [...about.rows, ...about.files, ...(about.previews ?? [])].map(({ bytes }) => {
      const begin = at;
      at += bytes;
      return () => piecesOf(path, begin, bytes);
    });
    const { size } = await file.stat();
    if (size !== at) throw new Error(`The result of a shard has ${size} bytes where it speaks of ${at}`);
    return { about, parts };
  } finally {
    await file.close();
  }
}

/** Throws an Error for what is of other batches. */
export function expectBatches({ batches }: Packed, { from, to }: Pick<Shard, "from" | "to">): void {
  const drawn = batches.map(({ batch }) => batch);
  if (drawn.length !== to - from || drawn.some((batch, i) => batch !== from + i))
    throw new Error(`The result of the batches ${from} to ${to} speaks of ${drawn.slice(0, 5).join(", ")}`);
}

/** Reads it through, before any of it is placed. Throws an Error for a picture that is not what it says. */
export async function expectSound({ about, parts }: Opened): Promise<void> {
  const saved = new Map(about.batches.flatMap(({ saved }) => saved.map(({ name, sha256 }) => [name, sha256] as const)));
  for (const [i, { name }] of about.files.entries()) {
    const hash = createHash("sha256");
    for await (const piece of parts[about.rows.length + i]()) hash.update(piece);
    if (hash.digest("hex") !== saved.get(name)) throw new Error(`${name} is not what the machine says that drew it`);
  }
}

async function headerOf(file: FileHandle): Promise<{ about: Packed; length: number }> {
  let text = Buffer.alloc(0);
  for (;;) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(pieceBytes), 0, pieceBytes, text.length);
    const piece = buffer.subarray(0, bytesRead);
    const end = piece.indexOf("\n");
    text = Buffer.concat([text, end < 0 ? piece : piece.subarray(0, end)]);
    if (end >= 0) break;
    if (bytesRead === 0 || text.length > maxHeaderBytes) throw new Error("The result of a shard has no beginning");
  }
  const { data: about, error } = packed.safeParse(JSON.parse(text.toString("utf8")));
  if (!about) {
    const [{ path, message }] = error.issues;
    throw new Error(`The result of a shard says of itself what none does: ${[...path, message].join(": ")}`);
  }
  return { about, length: text.length + 1 };
}

/** Throws where the file ends before. */
async function* piecesOf(path: string, at: number, bytes: number): AsyncGenerator<Uint8Array> {
  let come = 0;
  for await (const piece of createReadStream(path, { start: at, end: at + bytes - 1, highWaterMark: pieceBytes })) {
    come += piece.length;
    yield piece;
  }
  if (come !== bytes) throw new Error(`${path} ends ${bytes - come} bytes before it should`);
}
