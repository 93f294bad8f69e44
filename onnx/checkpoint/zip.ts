/**
 * Zip archives as torch.save writes them: stored entries, zip64 where needed. The central directory is read by offset;
 * nothing is inflated. Whatever two readers could take for different files is refused: data before the archive or after
 * it, entries that overlap or share a name, sizes and names on which local header and directory differ.
 * Format: PKWARE APPNOTE.TXT 6.3.
 */
import { crc32 } from "./crc32.ts";
import { CheckpointError, escaped, type RandomAccess } from "./source.ts";

/** As many as the directory of a plain zip can count. The largest released ADM checkpoint has about a thousand. */
const maxEntries = 65_535;
/** A directory entry takes 46 bytes and its name: PyTorch's are about 100 bytes. */
const maxDirectoryBytes = 32 * 2 ** 20;
const maxCommentBytes = 65_535;

export interface ZipEntry {
  readonly name: string;
  /** Bytes of the record. */
  readonly size: number;
  readonly crc: number;
  /** Where its local header begins. */
  readonly header: number;
}

/** The archive's entries by name. Throws a CheckpointError. */
export async function readZip(source: RandomAccess): Promise<ReadonlyMap<string, ZipEntry>> {
  const { offset, length, count } = await findDirectory(source);
  const bytes = await source.read(offset, length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries = new Map<string, ZipEntry>();
  let at = 0;
  while (at < length) {
    const { entry, next } = readDirectoryEntry(view, at);
    if (entries.has(entry.name)) throw new CheckpointError(`its zip directory lists ${escaped(entry.name)} twice`);
    entries.set(entry.name, entry);
    at = next;
  }
  if (entries.size !== count)
    throw new CheckpointError(`its zip directory holds ${entries.size} entries and claims ${count}`);
  refuseOverlaps(entries, offset);
  return entries;
}

/** Where the record's bytes begin, once its local header agrees with the directory. Throws a CheckpointError. */
export async function locate(source: RandomAccess, entry: ZipEntry): Promise<number> {
  const nameBytes = new TextEncoder().encode(entry.name);
  const bytes = await source.read(entry.header, 30 + nameBytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const differs = (what: string) =>
    new CheckpointError(`the zip entry ${escaped(entry.name)} has another ${what} than the zip directory says`);
  if (view.getUint32(0, true) !== 0x04034b50)
    throw new CheckpointError(`the zip entry ${escaped(entry.name)} does not begin where the directory says`);
  const flags = view.getUint16(6, true);
  refuseFlags(entry.name, flags, view.getUint16(8, true));
  if (view.getUint16(26, true) !== nameBytes.length || nameBytes.some((byte, i) => byte !== bytes[30 + i]))
    throw differs("name");
  const extraBytes = view.getUint16(28, true);
  const data = entry.header + 30 + nameBytes.length + extraBytes;
  if (data + entry.size > source.size) throw pastTheEnd(entry, data, source.size);
  const extra = await source.read(data - extraBytes, extraBytes);
  const zip64 = findZip64(new DataView(extra.buffer, extra.byteOffset, extra.byteLength), entry.name);
  const later = (flags & 8) !== 0; // checksum and sizes follow the data (miniz, hence torch.save): 0 here
  const crc = view.getUint32(14, true);
  if (crc !== entry.crc && !(later && crc === 0)) throw differs("checksum");
  for (const [field, at] of [18, 22].entries()) {
    const size = view.getUint32(at, true);
    // Both sizes are in the zip64 field when they are all ones here; uncompressed first.
    const long = size === 0xffffffff && zip64 ? safe(zip64, field === 0 ? 8 : 0, entry.name) : size;
    if (long !== entry.size && !(later && (long === 0 || size === 0xffffffff))) throw differs("size");
  }
  return data;
}

/** The record's bytes, with their checksum checked. */
export async function readEntry(source: RandomAccess, entry: ZipEntry, maxBytes: number): Promise<Uint8Array> {
  if (entry.size > maxBytes)
    throw new CheckpointError(`${escaped(entry.name)} has ${entry.size} bytes; at most ${maxBytes} are read`);
  const bytes = await source.read(await locate(source, entry), entry.size);
  checkCrc(entry, crc32(bytes));
  return bytes;
}

export function checkCrc(entry: ZipEntry, crc: number): void {
  if (crc !== entry.crc)
    throw new CheckpointError(`the checksum of ${escaped(entry.name)} is wrong: the file is damaged`);
}

interface Directory {
  readonly offset: number;
  readonly length: number;
  readonly count: number;
}

/** From the end of the file back: the end record, the zip64 end record before it, the directory before that. */
async function findDirectory(source: RandomAccess): Promise<Directory> {
  const tailBytes = Math.min(source.size, 22 + maxCommentBytes);
  const tail = await source.read(source.size - tailBytes, tailBytes);
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  let at = tailBytes - 22;
  while (at >= 0 && !(view.getUint32(at, true) === 0x06054b50 && at + 22 + view.getUint16(at + 20, true) === tailBytes))
    at--;
  if (at < 0) throw new CheckpointError("its zip directory is missing: the file is truncated or damaged");
  const end = source.size - tailBytes + at;
  if (view.getUint16(at + 4, true) !== 0 || view.getUint16(at + 6, true) !== 0)
    throw new CheckpointError("it is one part of a zip archive in several files");
  const plain = {
    count: view.getUint16(at + 10, true),
    length: view.getUint32(at + 12, true),
    offset: view.getUint32(at + 16, true),
  };
  const here = view.getUint16(at + 8, true);
  const zip64 = at >= 20 && view.getUint32(at - 20, true) === 0x07064b50;
  const long = zip64 ? await readZip64End(source, Number(view.getBigUint64(at - 12, true)), end - 20) : undefined;
  const pick = (value: number, limit: number, other: number | undefined): number => {
    if (other !== undefined && (value === limit || value === other)) return other;
    if (other === undefined && value !== limit) return value;
    throw new CheckpointError("its two zip end records disagree: the file is damaged");
  };
  const directory = {
    count: pick(plain.count, 0xffff, long?.count),
    length: pick(plain.length, 0xffffffff, long?.length),
    offset: pick(plain.offset, 0xffffffff, long?.offset),
  };
  if (here !== plain.count) throw new CheckpointError("its zip end record counts its entries in two ways");
  if (directory.offset + directory.length !== (long?.start ?? end))
    throw new CheckpointError("its zip directory does not lie before its end record: the file is damaged");
  if (directory.count > maxEntries)
    throw new CheckpointError(`its zip directory claims ${directory.count} entries; at most ${maxEntries} are read`);
  if (directory.length > maxDirectoryBytes)
    throw new CheckpointError(`its zip directory has ${directory.length} bytes; at most ${maxDirectoryBytes} are read`);
  return directory;
}

async function readZip64End(source: RandomAccess, start: number, end: number): Promise<Directory & { start: number }> {
  const damaged = new CheckpointError("its zip64 end record is damaged");
  if (!Number.isSafeInteger(start) || start < 0 || start + 56 > end) throw damaged;
  const bytes = await source.read(start, 56);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== 0x06064b50 || start + 12 + safe(view, 4, "") !== end) throw damaged;
  const count = safe(view, 32, "");
  if (safe(view, 24, "") !== count || view.getUint32(16, true) !== 0 || view.getUint32(20, true) !== 0) throw damaged;
  return { start, count, length: safe(view, 40, ""), offset: safe(view, 48, "") };
}

function readDirectoryEntry(view: DataView, at: number): { entry: ZipEntry; next: number } {
  const damaged = new CheckpointError("its zip directory is damaged");
  if (at + 46 > view.byteLength || view.getUint32(at, true) !== 0x02014b50) throw damaged;
  const nameBytes = view.getUint16(at + 28, true);
  const extraBytes = view.getUint16(at + 30, true);
  const next = at + 46 + nameBytes + extraBytes + view.getUint16(at + 32, true);
  if (next > view.byteLength) throw damaged;
  const name = utf8(new Uint8Array(view.buffer, view.byteOffset + at + 46, nameBytes));
  refuseFlags(name, view.getUint16(at + 8, true), view.getUint16(at + 10, true));
  let compressed = view.getUint32(at + 20, true);
  let size = view.getUint32(at + 24, true);
  let header = view.getUint32(at + 42, true);
  const zip64 = findZip64(new DataView(view.buffer, view.byteOffset + at + 46 + nameBytes, extraBytes), name);
  let field = 0;
  const long = (value: number): number => {
    if (value !== 0xffffffff || !zip64) return value;
    field += 8;
    return safe(zip64, field - 8, name);
  };
  // Only the fields that are all ones are in the zip64 field, in this order.
  size = long(size);
  compressed = long(compressed);
  header = long(header);
  if (compressed !== size)
    throw new CheckpointError(`the zip entry ${escaped(name)} claims ${size} bytes and stores ${compressed}`);
  return { entry: { name, size, crc: view.getUint32(at + 16, true), header }, next };
}

function refuseFlags(name: string, flags: number, method: number): void {
  if (flags & 1) throw new CheckpointError(`the zip entry ${escaped(name)} is encrypted`);
  if (method !== 0)
    throw new CheckpointError(
      `the zip entry ${escaped(name)} is compressed (method ${method}); torch.save stores them`,
    );
}

/** The archive must be one unbroken file: the first header at 0, none inside another, all before the directory. */
function refuseOverlaps(entries: ReadonlyMap<string, ZipEntry>, directory: number): void {
  const sorted = [...entries.values()].sort((a, b) => a.header - b.header);
  if (sorted.length > 0 && sorted[0].header !== 0)
    throw new CheckpointError(`its zip archive begins at byte ${sorted[0].header}, after other data`);
  for (const [i, entry] of sorted.entries()) {
    const end = entry.header + 30 + entry.name.length + entry.size;
    if (end > directory) throw pastTheEnd(entry, end - entry.size, directory);
    if (i + 1 < sorted.length && end > sorted[i + 1].header)
      throw new CheckpointError(`the zip entries ${escaped(entry.name)} and ${escaped(sorted[i + 1].name)} overlap`);
  }
}

const pastTheEnd = (entry: ZipEntry, data: number, end: number) =>
  new CheckpointError(`${escaped(entry.name)} ends at byte ${data + entry.size}, its archive at ${end}`);

/** The zip64 field among an entry's extra fields. */
function findZip64(extra: DataView, name: string): DataView | undefined {
  let at = 0;
  while (at + 4 <= extra.byteLength) {
    const length = extra.getUint16(at + 2, true);
    if (at + 4 + length > extra.byteLength) break;
    if (extra.getUint16(at, true) === 1) return new DataView(extra.buffer, extra.byteOffset + at + 4, length);
    at += 4 + length;
  }
  if (at !== extra.byteLength && at + 4 <= extra.byteLength)
    throw new CheckpointError(`the extra fields of the zip entry ${escaped(name)} are damaged`);
  return undefined;
}

/** A 64-bit length or offset that a double holds exactly. */
function safe(view: DataView, at: number, name: string): number {
  const value = at + 8 <= view.byteLength ? view.getBigUint64(at, true) : 2n ** 64n;
  if (value > BigInt(Number.MAX_SAFE_INTEGER))
    throw new CheckpointError(`a zip64 field${name ? ` of ${escaped(name)}` : ""} is damaged`);
  return Number(value);
}

function utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new CheckpointError("its zip directory holds a name that is not UTF-8");
  }
}
