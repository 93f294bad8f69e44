/**
 * The format of torch.save before PyTorch 1.6, one stream: pickles of a magic number, the protocol, the writer's system,
 * the object and the list of storage keys; then each storage as an int64 count and its values. torch/serialization.py,
 * `_legacy_save`.
 */
import { escaped, type RandomAccess } from "../source.ts";
import { isCount, maxPickleBytes, type Saved } from "./archive.ts";
import { CheckpointError } from "./error.ts";
import { ForbiddenGlobal, findGlobal, items } from "./globals.ts";
import { readPickle } from "./pickle.ts";
import { Dict, Opaque, StorageClass, type StorageRef, Tuple, widthOf } from "./pickle-values.ts";

const magicNumber = 0x1950a86a20f9469cfc6cn;
const protocol = 1001;

/** Throws a CheckpointError. */
export async function readLegacy(source: RandomAccess): Promise<Saved> {
  const head = await source.read(0, Math.min(source.size, maxPickleBytes));
  const refs = new Map<string, StorageRef>();
  let at = 0;
  const next = (load?: (id: unknown) => unknown): unknown => {
    const { value, length } = readPickle(head.subarray(at), { findGlobal, ...(load && { load }) });
    at += length;
    return value;
  };
  if (firstOf(head, next) !== magicNumber)
    throw new CheckpointError(
      "it is a pickle, but not one that torch.save wrote: save the network's state_dict() with it",
    );
  if (next() !== protocol) throw new CheckpointError("torch.save wrote it in an unknown version of its format");
  const system = next();
  if (system instanceof Dict && system.entries.get("little_endian") === false)
    throw new CheckpointError("its numbers are big-endian; only little-endian ones are read");
  const value = next((id) => storageRef(id, refs));
  const keys = next();
  const offsets = await locateStorages(source, at, Array.isArray(keys) ? keys : [], refs);
  return {
    value,
    storage: ({ key }) => {
      const data = offsets.get(key);
      if (data === undefined) throw new CheckpointError(`the storage ${escaped(key)} is not in the file`);
      return (offset, length) => source.read(data + offset, length);
    },
  };
}

/** The first value. Pickles begin with PROTO, 0x80, since protocol 2; what does not and is none is some other file. */
function firstOf(head: Uint8Array, next: () => unknown): unknown {
  try {
    return next();
  } catch (error) {
    if (head[0] === 0x80 || error instanceof ForbiddenGlobal) throw error;
    throw new CheckpointError(
      "it is neither a zip archive nor a pickle nor safetensors, so neither torch.save nor safetensors wrote it",
    );
  }
}

/** ("storage", class, key, location, count, view), where a view is (its key, where it begins, its count) or None. */
function storageRef(id: unknown, refs: Map<string, StorageRef>): StorageRef | Opaque {
  const [tag, type, key, , count, view] = items(id);
  // A module's class comes with its source, so that torch.load can warn of changes.
  if (tag === "module" && type instanceof Opaque) return type;
  if (tag !== "storage" || !(type instanceof StorageClass) || typeof key !== "string" || !isCount(count))
    throw new CheckpointError(`its pickle refers to something that is not a storage (${escaped(String(tag))})`);
  const root = { key, type: type.type, foreign: type.foreign, count, start: 0 };
  const known = refs.get(key);
  if (known && (known.type !== root.type || known.foreign !== root.foreign || known.count !== count))
    throw new CheckpointError(`its pickle describes the storage ${escaped(key)} in two ways`);
  refs.set(key, root);
  if (!(view instanceof Tuple)) return root;
  const [, start, viewCount] = view.items;
  if (!isCount(start) || !isCount(viewCount) || start + viewCount > count)
    throw new CheckpointError(`its pickle has a view beyond the end of storage ${escaped(key)}`);
  return { ...root, count: viewCount, start };
}

/** Where the values of each storage begin. The count before them must be the one the pickle gave. */
async function locateStorages(
  source: RandomAccess,
  start: number,
  keys: readonly unknown[],
  refs: ReadonlyMap<string, StorageRef>,
): Promise<ReadonlyMap<string, number>> {
  const offsets = new Map<string, number>();
  let at = start;
  for (const key of keys) {
    const ref = typeof key === "string" ? refs.get(key) : undefined;
    if (!ref || offsets.has(ref.key))
      throw new CheckpointError(`its list of storages names ${escaped(String(key))}, which no tensor uses once`);
    const size = ref.count * widthOf(ref);
    if (at + 8 + size > source.size)
      throw new CheckpointError(
        `storage ${escaped(ref.key)} ends at byte ${at + 8 + size}, the file has ${source.size}: it is truncated`,
      );
    const bytes = await source.read(at, 8);
    const count = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigInt64(0, true);
    if (count !== BigInt(ref.count))
      throw new CheckpointError(`storage ${escaped(ref.key)} claims ${count} values, its tensors ${ref.count}`);
    offsets.set(ref.key, at + 8);
    at += 8 + size;
  }
  if (at !== source.size) throw new CheckpointError(`it has ${source.size - at} bytes after its last storage`);
  return offsets;
}
