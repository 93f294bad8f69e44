/** Weights that lie in files beside an ONNX model, read when they are needed. */
import { statSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { LazyBytes } from "../../onnx/index.ts";
import { readWhole } from "./shared-handle.ts";

/** Files of a bare name in `folder` only: a model must not reach elsewhere. Throws a SyntaxError. */
export const lazyFile =
  (folder: string) =>
  (location: string, offset: number, length: number | undefined): LazyBytes => {
    if (!/^[^/\\:]+$/.test(location) || location.startsWith("."))
      throw new SyntaxError(`its weights lie in "${location}", which is not beside it`);
    const path = join(folder, location);
    const size = statSync(path, { throwIfNoEntry: false })?.size;
    if (size === undefined) throw new SyntaxError(`its weights "${location}" are not beside it`);
    const byteLength = length ?? size - offset;
    if (offset < 0 || byteLength < 0 || offset + byteLength > size)
      throw new SyntaxError(`its weights end at byte ${offset + byteLength} of "${location}", which has ${size}`);
    return {
      byteLength,
      async read() {
        const file = await open(path);
        try {
          const bytes = await readWhole(file, offset, byteLength);
          if (!bytes) throw new RangeError(`"${location}" became shorter while it was read`);
          return bytes;
        } finally {
          await file.close();
        }
      },
    };
  };
