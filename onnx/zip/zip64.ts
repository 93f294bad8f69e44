/** The 64-bit fields of zip archives. */
import { escaped } from "../source.ts";

/** The zip64 field among an entry's extra fields. */
export function findZip64(extra: DataView, name: string): DataView | undefined {
  let at = 0;
  while (at + 4 <= extra.byteLength) {
    const length = extra.getUint16(at + 2, true);
    if (at + 4 + length > extra.byteLength) break;
    if (extra.getUint16(at, true) === 1) return new DataView(extra.buffer, extra.byteOffset + at + 4, length);
    at += 4 + length;
  }
  if (at !== extra.byteLength && at + 4 <= extra.byteLength)
    throw new SyntaxError(`the extra fields of the zip entry ${escaped(name)} are damaged`);
  return undefined;
}

/** A 64-bit length or offset that a double holds exactly. */
export function uint64(view: DataView, at: number, name = ""): number {
  const value = at + 8 <= view.byteLength ? view.getBigUint64(at, true) : 2n ** 64n;
  if (value > BigInt(Number.MAX_SAFE_INTEGER))
    throw new SyntaxError(`a zip64 field${name ? ` of ${escaped(name)}` : ""} is damaged`);
  return Number(value);
}
