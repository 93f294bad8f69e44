/**
 * ZIP archives as numpy writes them: entries stored or deflated, found through the central directory (APPNOTE.TXT 4.3).
 * Reading trusts no size: what is inflated is counted, and every CRC is checked.
 */
import { crc32 } from "./crc.ts";
import { inflate } from "./inflate.ts";

export interface ZipEntry {
  readonly name: string;
  /** The entry's bytes. Throws a SyntaxError when they are damaged, a RangeError beyond `maxBytes`. */
  read(maxBytes: number): Uint8Array;
}

const endOfDirectory = 0x06054b50;
const directoryEntry = 0x02014b50;
const localHeader = 0x04034b50;
const stored = 0;
const deflated = 8;
/** Far beyond any NPZ; a directory of more is an attack on memory. */
const maxEntries = 4096;

/** The entries of an archive. Throws a SyntaxError when it is none, or uses encryption, several disks or zip64. */
export function readZip(bytes: Uint8Array): ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(view);
  const count = view.getUint16(end + 10, true);
  if (count > maxEntries) throw new SyntaxError(`the archive lists ${count} entries, the limit is ${maxEntries}`);
  const entries: ZipEntry[] = [];
  let at = view.getUint32(end + 16, true);
  for (let i = 0; i < count; i++) {
    if (at + 46 > view.byteLength || view.getUint32(at, true) !== directoryEntry)
      throw new SyntaxError(`the archive's directory is damaged at entry ${i}`);
    const nameLength = view.getUint16(at + 28, true);
    entries.push(readEntry(bytes, view, at, new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength))));
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return entries;
}

function findEnd(view: DataView): number {
  const commentLimit = 65_535;
  for (let at = view.byteLength - 22; at >= Math.max(0, view.byteLength - 22 - commentLimit); at--)
    if (view.getUint32(at, true) === endOfDirectory) return at;
  throw new SyntaxError("it is no ZIP archive, or its end is missing");
}

function readEntry(bytes: Uint8Array, view: DataView, at: number, name: string): ZipEntry {
  const flags = view.getUint16(at + 8, true);
  const method = view.getUint16(at + 10, true);
  const crc = view.getUint32(at + 16, true);
  const packed = view.getUint32(at + 20, true);
  const size = view.getUint32(at + 24, true);
  const local = view.getUint32(at + 42, true);
  if (flags & 1) throw new SyntaxError(`entry "${name}" is encrypted`);
  if (method !== stored && method !== deflated)
    throw new SyntaxError(`entry "${name}" is compressed by method ${method}; only stored and deflated are read`);
  if (packed === 0xffffffff || local === 0xffffffff) throw new SyntaxError(`entry "${name}" is larger than 4 GiB`);
  return {
    name,
    read(maxBytes) {
      if (local + 30 > view.byteLength || view.getUint32(local, true) !== localHeader)
        throw new SyntaxError(`entry "${name}" has no header`);
      const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
      if (start + packed > bytes.length)
        throw new SyntaxError(`entry "${name}" ends at byte ${start + packed}, the file has ${bytes.length}`);
      if (size > maxBytes) throw new RangeError(`entry "${name}" has ${size} bytes, the limit is ${maxBytes}`);
      const raw = bytes.subarray(start, start + packed);
      const data = method === stored ? raw : inflate(raw, size);
      if (data.length !== size || crc32(data) !== crc)
        throw new SyntaxError(`entry "${name}" is damaged (CRC differs)`);
      return data;
    },
  };
}

/** Bytes of an entry in pieces, so that large arrays are never joined. */
export interface ZipContent {
  readonly name: string;
  readonly chunks: readonly Uint8Array[];
}

/** A stored archive, in pieces to be written one after another; zip64 where a size or offset needs it. */
export function writeZip(contents: readonly ZipContent[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  const push = (piece: Uint8Array) => {
    pieces.push(piece);
    offset += piece.length;
  };
  for (const { name, chunks } of contents) {
    const size = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    const crc = chunks.reduce((crc, chunk) => crc32(chunk, crc), 0);
    directory.push(header(name, crc, size, offset));
    push(header(name, crc, size));
    for (const chunk of chunks) push(chunk);
  }
  const directoryStart = offset;
  for (const piece of directory) push(piece);
  push(end(contents.length, offset - directoryStart, directoryStart));
  return pieces;
}

/** Beyond this a field holds all ones and the value stands in a zip64 field. */
const limit32 = 0xffffffff;

/** A local header, or a directory entry when the local header's `offset` is given. */
function header(name: string, crc: number, size: number, offset?: number): Uint8Array {
  const nameBytes = new TextEncoder().encode(name);
  const central = offset !== undefined;
  const large = size >= limit32 || (offset ?? 0) >= limit32;
  const extra = large ? (central ? [size, size, offset] : [size, size]) : [];
  const fixed = central ? 46 : 30;
  const bytes = new Uint8Array(fixed + nameBytes.length + (large ? 4 + 8 * extra.length : 0));
  const view = new DataView(bytes.buffer);
  const [version, method, time, date, utf8] = [large ? 45 : 20, stored, 0, (1 << 5) | 1, 1 << 11];
  const common = [version, utf8, method, time, date];
  view.setUint32(0, central ? directoryEntry : localHeader, true);
  const at = central ? 6 : 4;
  if (central) view.setUint16(4, version, true);
  common.forEach((value, i) => {
    view.setUint16(at + 2 * i, value, true);
  });
  view.setUint32(at + 10, crc, true);
  view.setUint32(at + 14, large ? limit32 : size, true);
  view.setUint32(at + 18, large ? limit32 : size, true);
  view.setUint16(at + 22, nameBytes.length, true);
  view.setUint16(at + 24, large ? 4 + 8 * extra.length : 0, true);
  if (central) view.setUint32(42, large ? limit32 : offset, true);
  bytes.set(nameBytes, fixed);
  if (large) {
    const field = fixed + nameBytes.length;
    view.setUint16(field, 1, true);
    view.setUint16(field + 2, 8 * extra.length, true);
    extra.forEach((value, i) => {
      view.setBigUint64(field + 4 + 8 * i, BigInt(value), true);
    });
  }
  return bytes;
}

/** The end of the central directory, after its zip64 form where the archive is large. */
function end(count: number, size: number, offset: number): Uint8Array {
  const large = offset >= limit32;
  const bytes = new Uint8Array(large ? 56 + 20 + 22 : 22);
  const view = new DataView(bytes.buffer);
  if (large) {
    view.setUint32(0, 0x06064b50, true);
    view.setBigUint64(4, 44n, true);
    view.setUint16(12, 45, true);
    view.setUint16(14, 45, true);
    for (const at of [24, 32]) view.setBigUint64(at, BigInt(count), true);
    view.setBigUint64(40, BigInt(size), true);
    view.setBigUint64(48, BigInt(offset), true);
    view.setUint32(56, 0x07064b50, true);
    view.setBigUint64(64, BigInt(offset + size), true);
    view.setUint32(72, 1, true);
  }
  const at = large ? 76 : 0;
  view.setUint32(at, endOfDirectory, true);
  view.setUint16(at + 8, count, true);
  view.setUint16(at + 10, count, true);
  view.setUint32(at + 12, size, true);
  view.setUint32(at + 16, large ? limit32 : offset, true);
  return bytes;
}
