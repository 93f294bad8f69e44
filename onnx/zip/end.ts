/** The end of a zip archive, which says where its directory lies. */
import type { RandomAccess } from "../source.ts";
import { uint64 } from "./zip64.ts";

const maxCommentBytes = 65_535;
/** As many as the directory of a plain zip can count. The largest released ADM checkpoint has about 650. */
const maxEntries = 65_535;
/** A directory entry takes 46 bytes and its name: PyTorch's are about 100 bytes. */
const maxDirectoryBytes = 32 * 2 ** 20;

/** Where the directory lies, and how many entries it claims. */
export interface Directory {
  readonly offset: number;
  readonly length: number;
  readonly count: number;
}

/** From the end of the file back: the end record, the zip64 end record before it, the directory before that. */
export async function findDirectory(source: RandomAccess): Promise<Directory> {
  // torch.save writes no comment, so the record and those before it are usually the last bytes.
  return (await findIn(source, 22 + 20)) ?? (await findIn(source, 22 + maxCommentBytes)) ?? missing();
}

function missing(): never {
  throw new SyntaxError("its zip directory is missing: the file is truncated or damaged");
}

/** The directory, if its end record begins within the last `bytes` of the file. */
async function findIn(source: RandomAccess, bytes: number): Promise<Directory | undefined> {
  const tailBytes = Math.min(source.size, bytes);
  const tail = await source.read(source.size - tailBytes, tailBytes);
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  let at = tailBytes - 22;
  while (at >= 0 && !(view.getUint32(at, true) === 0x06054b50 && at + 22 + view.getUint16(at + 20, true) === tailBytes))
    at--;
  if (at < 0) return undefined;
  const end = source.size - tailBytes + at;
  if (view.getUint16(at + 4, true) !== 0 || view.getUint16(at + 6, true) !== 0)
    throw new SyntaxError("it is one part of a zip archive in several files");
  const plain = {
    count: view.getUint16(at + 10, true),
    length: view.getUint32(at + 12, true),
    offset: view.getUint32(at + 16, true),
  };
  const here = view.getUint16(at + 8, true);
  const zip64 = at >= 20 && view.getUint32(at - 20, true) === 0x07064b50;
  const long = zip64 ? await readZip64End(source, Number(view.getBigUint64(at - 12, true)), end - 20) : undefined;
  const pick = (value: number, all: number, other = value): number => {
    if (value === all || value === other) return other;
    throw new SyntaxError("its two zip end records disagree: the file is damaged");
  };
  const directory = {
    count: pick(plain.count, 0xffff, long?.count),
    length: pick(plain.length, 0xffffffff, long?.length),
    offset: pick(plain.offset, 0xffffffff, long?.offset),
  };
  if (here !== plain.count) throw new SyntaxError("its zip end record counts its entries in two ways");
  if (directory.offset + directory.length !== (long?.start ?? end))
    throw new SyntaxError("its zip directory does not lie before its end record: the file is damaged");
  if (directory.count > maxEntries)
    throw new SyntaxError(`its zip directory claims ${directory.count} entries; at most ${maxEntries} are read`);
  if (directory.length > maxDirectoryBytes)
    throw new SyntaxError(`its zip directory has ${directory.length} bytes; at most ${maxDirectoryBytes} are read`);
  return directory;
}

async function readZip64End(source: RandomAccess, start: number, end: number): Promise<Directory & { start: number }> {
  const damaged = new SyntaxError("its zip64 end record is damaged");
  if (!Number.isSafeInteger(start) || start < 0 || start + 56 > end) throw damaged;
  const bytes = await source.read(start, 56);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== 0x06064b50 || start + 12 + uint64(view, 4) !== end) throw damaged;
  const count = uint64(view, 32);
  if (uint64(view, 24) !== count || view.getUint32(16, true) !== 0 || view.getUint32(20, true) !== 0) throw damaged;
  return { start, count, length: uint64(view, 40), offset: uint64(view, 48) };
}
