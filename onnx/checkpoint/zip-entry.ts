/** One record of a zip archive, between its line in the directory and its bytes. */
import { crc32 } from "./crc32.ts";
import { CheckpointError, escaped, type RandomAccess } from "./source.ts";
import { findZip64, uint64 } from "./zip64.ts";

export interface ZipEntry {
  readonly name: string;
  /** Bytes of the record. */
  readonly size: number;
  readonly crc: number;
  /** Where its local header begins. */
  readonly header: number;
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
    const long = size === 0xffffffff && zip64 ? uint64(zip64, field === 0 ? 8 : 0, entry.name) : size;
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

/** Only plain stored records are read. */
export function refuseFlags(name: string, flags: number, method: number): void {
  if (flags & 1) throw new CheckpointError(`the zip entry ${escaped(name)} is encrypted`);
  if (method !== 0)
    throw new CheckpointError(
      `the zip entry ${escaped(name)} is compressed (method ${method}); torch.save stores them`,
    );
}

export const pastTheEnd = (entry: ZipEntry, data: number, end: number) =>
  new CheckpointError(`${escaped(entry.name)} ends at byte ${data + entry.size}, its archive at ${end}`);
