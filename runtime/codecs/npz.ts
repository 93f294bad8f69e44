/** Named arrays in one file, as `numpy.savez` writes and `numpy.load` reads them: a ZIP archive of .npy entries. */
import { headBytes, sayOther } from "../../onnx/other-files.ts";
import type { RandomAccess } from "../../onnx/source.ts";
import { entryPieces, readEntry, readZip, type ZipEntry } from "../../onnx/zip/index.ts";
import { concat, inflate, inflatePieces } from "./inflate.ts";
import { isZip } from "./kinds.ts";
import {
  maxBytesBeforeValues,
  type NpyArray,
  type NpyType,
  npyHeader,
  npyTextHeader,
  readNpy,
  readNpyHeader,
  readNpyText,
  wantBytes,
} from "./npy.ts";
import { writeZip, type ZipStream, zipPieces } from "./write-zip.ts";

/** Half of what a typed array may hold; more is a mistake or an attack. */
const maxArrayBytes = 2 ** 31;
/** A compressed array: 85 pictures of 1024², in a file that may have a thousandth of it. Larger ones come stored, as `savez` does. */
const maxInflatedBytes = 2 ** 28;

/** A graph has at most a tenth of it. */
const maxTextBytes = 2 ** 24;

/** Each is told of with its shape; a network's weights are some thousands. */
const maxArrays = 4_096;

export interface NpzEntry {
  readonly type: NpyType;
  readonly dims: readonly number[];
  /** The values' bytes, little-endian and row-major, in pieces that are never joined. */
  readonly chunks: readonly Uint8Array[];
}

/** What is no archive at all is told by what it is, and not as one that was cut off. */
async function entriesOf(source: RandomAccess): Promise<ReadonlyMap<string, ZipEntry>> {
  const head = await source.read(0, Math.min(headBytes, source.size));
  if (!isZip(head))
    throw new SyntaxError(sayOther(head, "an NPZ") ?? "it is no NPZ: it does not begin as a zip archive does");
  const entries = await readZip(source);
  if (entries.size > maxArrays) throw new SyntaxError(`it holds ${entries.size} arrays; at most ${maxArrays} are read`);
  return entries;
}

/** What reads each array, by its name. Rejects with a SyntaxError or RangeError that says what is wrong with the file. */
export async function readNpz(source: RandomAccess): Promise<ReadonlyMap<string, () => Promise<NpyArray>>> {
  const entries = [...(await entriesOf(source)).values()].filter(({ name }) => name.endsWith(".npy"));
  return new Map(
    entries.map((entry) => [
      entry.name.slice(0, -4),
      async () => {
        const maxBytes = entry.packed === entry.size ? maxArrayBytes : maxInflatedBytes;
        return readNpy(await readEntry(source, entry, maxBytes, inflate));
      },
    ]),
  );
}

/** The file's bytes, in pieces to be written one after another. */
export const writeNpz = (arrays: Readonly<Record<string, NpzEntry>>): Uint8Array[] =>
  writeZip(
    Object.entries(arrays).map(([name, { type, dims, chunks }]) => ({
      name: `${name}.npy`,
      chunks: [npyHeader(type, dims), ...chunks],
    })),
  );

/** An array as an entry. */
export const entryOf = ({ type, dims, data }: NpyArray): NpzEntry => ({
  type,
  dims,
  chunks: [new Uint8Array(data.buffer, data.byteOffset, data.byteLength)],
});

/** An array whose values' bytes lie elsewhere, and are read twice. */
export interface NpzStream {
  readonly type: NpyType;
  readonly dims: readonly number[];
  read(): AsyncIterable<Uint8Array>;
}

/** The array as a file of its own. */
export async function* npyPieces({ type, dims, read }: NpzStream): AsyncGenerator<Uint8Array> {
  yield npyHeader(type, dims);
  yield* read();
}

/** The file of arrays that are never held as a whole, the texts behind them. */
export function npzPieces(
  arrays: Readonly<Record<string, NpzStream>>,
  texts: Readonly<Record<string, string>>,
): AsyncGenerator<Uint8Array> {
  const streams = Object.entries(arrays).map(
    ([name, array]): ZipStream => ({ name: `${name}.npy`, read: () => npyPieces(array) }),
  );
  const written = Object.entries(texts).map(([name, text]): ZipStream => {
    const bytes = new TextEncoder().encode(text);
    return { name: `${name}.npy`, read: () => [npyTextHeader(bytes.length), bytes] };
  });
  return zipPieces([...streams, ...written]);
}

/**
 * An array of a file, whose values are read in pieces: as many as its shape says, or it rejects before the first, as readNpz
 * does. Undefined where there is none of that name.
 */
export async function streamOf(source: RandomAccess, name: string): Promise<NpzStream | undefined> {
  const entry = [...(await entriesOf(source)).values()].find((one) => one.name === `${name}.npy`);
  if (!entry) return undefined;
  const { type, dims, length, isFortran, isBigEndian } = await headerOf(source, entry);
  if (isFortran || isBigEndian)
    throw new SyntaxError(
      `its ${name} is ${isFortran ? "in Fortran order" : "big-endian"}: save numpy.ascontiguousarray(array, "<${type}")`,
    );
  wantBytes(type, dims, entry.size - length);
  return {
    type,
    dims,
    async *read() {
      let before = length;
      for await (const piece of entryPieces(source, entry, inflatePieces)) {
        if (piece.length > before) yield piece.subarray(before);
        before = Math.max(0, before - piece.length);
      }
    },
  };
}

/** What each array is by its header, the values unread; texts and objects are passed over. Rejects as readNpz does. */
export async function npzShapes(source: RandomAccess): Promise<ReadonlyMap<string, Pick<NpyArray, "type" | "dims">>> {
  const shapes = new Map<string, Pick<NpyArray, "type" | "dims">>();
  for (const entry of (await entriesOf(source)).values()) {
    if (!entry.name.endsWith(".npy")) continue;
    const shape = await headerOf(source, entry).catch((error) => {
      if (error instanceof SyntaxError) return undefined;
      throw error;
    });
    if (shape) shapes.set(entry.name.slice(0, -4), { type: shape.type, dims: shape.dims });
  }
  return shapes;
}

async function headerOf(source: RandomAccess, entry: ZipEntry) {
  const wanted = Math.min(entry.size, maxBytesBeforeValues);
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of entryPieces(source, entry, inflatePieces)) {
    pieces.push(piece);
    length += piece.length;
    if (length >= wanted) break;
  }
  return readNpyHeader(concat(pieces, length));
}

/** A text that `npzPieces` wrote; undefined where the file has none of that name. Rejects as readNpz does. */
export async function readNpzText(source: RandomAccess, name: string): Promise<string | undefined> {
  const entry = [...(await entriesOf(source)).values()].find((one) => one.name === `${name}.npy`);
  if (!entry) return undefined;
  return readNpyText(await readEntry(source, entry, maxTextBytes, inflate));
}
