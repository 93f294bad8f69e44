/** Files by offset for tests. */
import { fstatSync, openSync, readSync } from "node:fs";
import { basename } from "node:path";
import type { RandomAccess } from "../../onnx/index.ts";

/** A file as a RandomAccess; it stays open as long as the test runs. */
export function fileSource(path: string): RandomAccess {
  const file = openSync(path, "r");
  return {
    name: basename(path),
    size: fstatSync(file).size,
    async read(offset, length) {
      const bytes = new Uint8Array(length);
      if (readSync(file, bytes, 0, length, offset) !== length)
        throw new RangeError(`${path} ends before ${offset + length}`);
      return bytes;
    },
  };
}
