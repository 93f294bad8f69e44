/** A model file on disk, read by offset. */
import { readFileSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { cardName, type RandomAccess } from "../../onnx/index.ts";
import type { ModelSource } from "../../runtime/index.ts";
import type { Hashes } from "./hashes.ts";
import { resolveInside } from "./resolve-inside.ts";
import { readWhole, sharedHandle } from "./shared-handle.ts";

/** Throws when there is no such file. `name` is how messages call it; its card lies beside it as that of `as`. */
export async function diskSource(
  path: string,
  name: string,
  hashes: Hashes,
  as = basename(path),
): Promise<ModelSource> {
  return {
    ...(await fileAccess(path, name)),
    path,
    sha256: () => hashes.of(path),
    card: () => readCard(join(dirname(path), cardName(as)), name),
    async beside(file) {
      const found = file.includes("/") ? undefined : await resolveInside(dirname(path), file);
      if (found === undefined)
        throw new SyntaxError(`Cannot read "${name}": its weights lie in "${file}", which is not beside it`);
      return { ...(await fileAccess(found, file)), path: found, sha256: () => hashes.of(found) };
    },
  };
}

/** A file by its path; `name` is how messages call it. Throws when there is none. */
export async function fileAccess(path: string, name: string): Promise<RandomAccess> {
  const { size } = statSync(path);
  const file = sharedHandle(path);
  return {
    name,
    size,
    read(offset, length) {
      if (offset < 0 || length < 0 || offset + length > size)
        throw new RangeError(`Cannot read bytes ${offset} … ${offset + length} of "${name}": it has ${size}`);
      return file(async (handle) => {
        const bytes = await readWhole(handle, offset, length);
        if (!bytes) throw new RangeError(`"${name}" became shorter while it was read`);
        return bytes;
      });
    },
  };
}

/** Cards are small; what is larger is something else. */
const maxCardBytes = 1_000_000;

/** A card is read in less time than a thread takes to be woken for it. */
async function readCard(path: string, name: string): Promise<string | undefined> {
  const size = sizeOf(path);
  if (size === undefined) return undefined;
  if (size > maxCardBytes)
    throw new SyntaxError(`The card beside "${name}" has ${size} bytes; it should hold its flags`);
  return readFileSync(path, "utf8");
}

function sizeOf(path: string): number | undefined {
  try {
    return statSync(path).size;
  } catch {
    return undefined;
  }
}
