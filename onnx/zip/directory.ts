/**
 * The one reader of zip archives, for what torch.save and numpy.savez write: entries stored or deflated, zip64 where needed.
 * The central directory is read by offset and nothing is inflated here: a deflated entry is handed to fflate's streaming
 * inflater, which counts what comes out (its own reader of archives believes the sizes that a header claims). Whatever two readers could take for different files is refused: data before the archive or after
 * it, entries that overlap or share a name, sizes and names on which local header and directory differ.
 * Format: PKWARE APPNOTE.TXT 6.3.
 */
import { escaped, type RandomAccess } from "../source.ts";
import { findDirectory } from "./end.ts";
import { methodOf, pastTheEnd, stored, type ZipEntry } from "./entry.ts";
import { findZip64, uint64 } from "./zip64.ts";

/** The archive's entries by name. Throws a SyntaxError. */
export async function readZip(source: RandomAccess): Promise<ReadonlyMap<string, ZipEntry>> {
  const { offset, length, count } = await findDirectory(source);
  const bytes = await source.read(offset, length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries = new Map<string, ZipEntry>();
  let at = 0;
  while (at < length) {
    const { entry, next } = readDirectoryEntry(view, at);
    if (entries.has(entry.name)) throw new SyntaxError(`its zip directory lists ${escaped(entry.name)} twice`);
    entries.set(entry.name, entry);
    at = next;
  }
  if (entries.size !== count)
    throw new SyntaxError(`its zip directory holds ${entries.size} entries and claims ${count}`);
  refuseOverlaps(entries, offset);
  return entries;
}

function readDirectoryEntry(view: DataView, at: number): { entry: ZipEntry; next: number } {
  const damaged = new SyntaxError("its zip directory is damaged");
  if (at + 46 > view.byteLength || view.getUint32(at, true) !== 0x02014b50) throw damaged;
  const nameBytes = view.getUint16(at + 28, true);
  const extraBytes = view.getUint16(at + 30, true);
  const next = at + 46 + nameBytes + extraBytes + view.getUint16(at + 32, true);
  if (next > view.byteLength) throw damaged;
  const name = utf8(new Uint8Array(view.buffer, view.byteOffset + at + 46, nameBytes));
  const method = methodOf(name, view.getUint16(at + 8, true), view.getUint16(at + 10, true));
  let packed = view.getUint32(at + 20, true);
  let size = view.getUint32(at + 24, true);
  let header = view.getUint32(at + 42, true);
  const zip64 = findZip64(new DataView(view.buffer, view.byteOffset + at + 46 + nameBytes, extraBytes), name);
  let field = 0;
  const long = (value: number): number => {
    if (value !== 0xffffffff || !zip64) return value;
    field += 8;
    return uint64(zip64, field - 8, name);
  };
  // Only the fields that are all ones are in the zip64 field, in this order.
  size = long(size);
  packed = long(packed);
  header = long(header);
  if (method === stored && packed !== size)
    throw new SyntaxError(`the zip entry ${escaped(name)} claims ${size} bytes and stores ${packed}`);
  return { entry: { name, method, packed, size, crc: view.getUint32(at + 16, true), header }, next };
}

/** The archive must be one unbroken file: the first header at 0, none inside another, all before the directory. */
function refuseOverlaps(entries: ReadonlyMap<string, ZipEntry>, directory: number): void {
  const sorted = [...entries.values()].sort((a, b) => a.header - b.header);
  if (sorted.length > 0 && sorted[0].header !== 0)
    throw new SyntaxError(`its zip archive begins at byte ${sorted[0].header}, after other data`);
  for (const [i, entry] of sorted.entries()) {
    const end = entry.header + 30 + entry.name.length + entry.packed;
    if (end > directory) throw pastTheEnd(entry, end - entry.packed, directory);
    if (i + 1 < sorted.length && end > sorted[i + 1].header)
      throw new SyntaxError(`the zip entries ${escaped(entry.name)} and ${escaped(sorted[i + 1].name)} overlap`);
  }
}

function utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new SyntaxError("its zip directory holds a name that is not UTF-8");
  }
}
