/** Files by offset for tests, and where fixtures lie. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { basename } from "node:path";
import type { RandomAccess } from "../../onnx/index.ts";

/** A file as a RandomAccess. Remembers how much was read of it. */
export function fileSource(path: string): RandomAccess & { readonly bytesRead: number; close(): void } {
  const file = openSync(path, "r");
  let bytesRead = 0;
  return {
    name: basename(path),
    size: fstatSync(file).size,
    get bytesRead() {
      return bytesRead;
    },
    async read(offset, length) {
      const bytes = new Uint8Array(length);
      if (readSync(file, bytes, 0, length, offset) !== length)
        throw new RangeError(`${path} ends before ${offset + length}`);
      bytesRead += length;
      return bytes;
    },
    close: () => closeSync(file),
  };
}
