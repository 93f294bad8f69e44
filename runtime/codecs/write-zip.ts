/** ZIP archives as numpy.savez writes them: every entry stored (APPNOTE.TXT 4.3). */
import { crc32 } from "../../onnx/zip/index.ts";

const endOfDirectory = 0x06054b50;
const directoryEntry = 0x02014b50;
const localHeader = 0x04034b50;
const stored = 0;

/** Bytes of an entry in pieces, so that large arrays are never joined. */
export interface ZipContent {
  readonly name: string;
  readonly chunks: readonly Uint8Array[];
}

/** An entry whose bytes lie elsewhere: they are read twice, once for their sum and once for the file. */
export interface ZipStream {
  readonly name: string;
  read(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** A stored archive, in pieces to be written one after another; zip64 where a size or offset needs it. */
export function writeZip(contents: readonly ZipContent[]): Uint8Array[] {
  const frame = new Frame();
  const pieces = contents.flatMap(({ name, chunks }) => {
    const size = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    const crc = chunks.reduce((crc, chunk) => crc32(chunk, crc), 0);
    return [frame.head(name, crc, size), ...chunks];
  });
  return [...pieces, ...frame.tail()];
}

/** The same archive of what is never held as a whole. */
export async function* zipPieces(contents: readonly ZipStream[]): AsyncGenerator<Uint8Array> {
  const frame = new Frame();
  for (const { name, read } of contents) {
    let [size, crc] = [0, 0];
    for await (const chunk of read()) {
      size += chunk.length;
      crc = crc32(chunk, crc);
    }
    yield frame.head(name, crc, size);
    yield* read();
  }
  yield* frame.tail();
}

/** What stands around the entries, and where each begins. */
class Frame {
  readonly #directory: Uint8Array[] = [];
  #offset = 0;

  /** Before an entry of so many bytes. */
  head(name: string, crc: number, size: number): Uint8Array {
    this.#directory.push(header(name, crc, size, this.#offset));
    const local = header(name, crc, size);
    this.#offset += local.length + size;
    return local;
  }

  /** After the last one. */
  tail(): Uint8Array[] {
    const size = this.#directory.reduce((sum, { length }) => sum + length, 0);
    return [...this.#directory, end(this.#directory.length, size, this.#offset)];
  }
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
