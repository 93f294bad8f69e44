/** One record of a zip archive, between its line in the directory and its bytes. */
import { escaped, type RandomAccess } from "../source.ts";
import { crc32 } from "./crc32.ts";
import { findZip64, uint64 } from "./zip64.ts";

/** How a record is written; no other method is read. */
export const stored = 0;
const deflated = 8;

export interface ZipEntry {
  readonly name: string;
  readonly method: typeof stored | typeof deflated;
  /** Bytes of the record in the file; as many as `size` when it is stored. */
  readonly packed: number;
  /** Bytes of its contents. */
  readonly size: number;
  readonly crc: number;
  /** Where its local header begins. */
  readonly header: number;
}

/** Where the record's bytes begin, once its local header agrees with the directory. Throws a SyntaxError. */
export async function locate(source: RandomAccess, entry: ZipEntry): Promise<number> {
  const nameBytes = new TextEncoder().encode(entry.name);
  const bytes = await source.read(entry.header, 30 + nameBytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const differs = (what: string) =>
    new SyntaxError(`the zip entry ${escaped(entry.name)} has another ${what} than the zip directory says`);
  if (view.getUint32(0, true) !== 0x04034b50)
    throw new SyntaxError(`the zip entry ${escaped(entry.name)} does not begin where the directory says`);
  const flags = view.getUint16(6, true);
  if (methodOf(entry.name, flags, view.getUint16(8, true)) !== entry.method) throw differs("method");
  if (view.getUint16(26, true) !== nameBytes.length || nameBytes.some((byte, i) => byte !== bytes[30 + i]))
    throw differs("name");
  const extraBytes = view.getUint16(28, true);
  const data = entry.header + 30 + nameBytes.length + extraBytes;
  if (data + entry.packed > source.size) throw pastTheEnd(entry, data, source.size);
  const extra = await source.read(data - extraBytes, extraBytes);
  const zip64 = findZip64(new DataView(extra.buffer, extra.byteOffset, extra.byteLength), entry.name);
  const later = (flags & 8) !== 0; // checksum and sizes follow the data (miniz, hence torch.save): 0 here
  const crc = view.getUint32(14, true);
  if (crc !== entry.crc && !(later && crc === 0)) throw differs("checksum");
  // Both sizes are in the zip64 field when they are all ones here; uncompressed first.
  for (const [at, at64, expected] of [
    [18, 8, entry.packed],
    [22, 0, entry.size],
  ]) {
    const size = view.getUint32(at, true);
    const long = size === 0xffffffff && zip64 ? uint64(zip64, at64, entry.name) : size;
    if (long !== expected && !(later && (long === 0 || size === 0xffffffff))) throw differs("size");
  }
  return data;
}

/** Deflated bytes become those they stand for; throws when these are not exactly `size`. */
export type Inflate = (bytes: Uint8Array, size: number) => Uint8Array;

/** The record's contents, with their checksum checked. Without `inflate` only a stored record is read. */
export async function readEntry(
  source: RandomAccess,
  entry: ZipEntry,
  maxBytes: number,
  inflate?: Inflate,
): Promise<Uint8Array> {
  const { name, method, size, packed } = entry;
  if (size > maxBytes) throw new SyntaxError(`${escaped(name)} has ${size} bytes; at most ${maxBytes} are read`);
  if (method === deflated && !inflate)
    throw new SyntaxError(`the zip entry ${escaped(name)} is compressed (method ${method})`);
  const raw = await source.read(await locate(source, entry), packed);
  const bytes = method === deflated && inflate ? inflate(raw, size) : raw;
  if (bytes.length !== size)
    throw new SyntaxError(`${escaped(name)} has ${bytes.length} bytes, not ${size} as it says`);
  checkCrc(entry, crc32(bytes));
  return bytes;
}

/** Deflated pieces become pieces of what they stand for. */
export type InflatePieces = (pieces: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;

const pieceBytes = 2 ** 20;

/**
 * The record's contents in pieces. Throws behind the last one when their checksum is wrong, and before there would be more
 * than the directory says.
 */
export async function* entryPieces(
  source: RandomAccess,
  entry: ZipEntry,
  inflatePieces: InflatePieces,
): AsyncGenerator<Uint8Array> {
  const { name, method, packed, size } = entry;
  const start = await locate(source, entry);
  async function* raw() {
    for (let at = 0; at < packed; at += pieceBytes)
      yield await source.read(start + at, Math.min(pieceBytes, packed - at));
  }
  let [crc, bytes] = [0, 0];
  for await (const piece of method === deflated ? inflatePieces(raw()) : raw()) {
    bytes += piece.length;
    if (bytes > size) break;
    crc = crc32(piece, crc);
    yield piece;
  }
  if (bytes !== size) throw new SyntaxError(`${escaped(name)} has not the ${size} bytes that it says`);
  checkCrc(entry, crc);
}

export function checkCrc(entry: ZipEntry, crc: number): void {
  if (crc !== entry.crc) throw new SyntaxError(`the checksum of ${escaped(entry.name)} is wrong: the file is damaged`);
}

/** Neither encrypted nor written in another way. */
export function methodOf(name: string, flags: number, method: number): ZipEntry["method"] {
  if (flags & 1) throw new SyntaxError(`the zip entry ${escaped(name)} is encrypted`);
  if (method === stored || method === deflated) return method;
  throw new SyntaxError(
    `the zip entry ${escaped(name)} is compressed by method ${method}; only stored and deflated ones are read`,
  );
}

export const pastTheEnd = (entry: ZipEntry, data: number, end: number) =>
  new SyntaxError(`${escaped(entry.name)} ends at byte ${data + entry.packed}, its archive at ${end}`);
