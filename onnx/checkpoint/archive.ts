/**
 * The format of torch.save since PyTorch 1.6: a zip archive with one folder, in it `data.pkl` (the object, whose tensors
 * refer to storages by key) and one record `data/<key>` a storage. Facts: torch/serialization.py, caffe2 inline_container.
 */
import { escaped, type RandomAccess } from "../source.ts";
import { crc32 } from "../zip/crc32.ts";
import { readZip } from "../zip/directory.ts";
import { checkCrc, locate, readEntry, stored, type ZipEntry } from "../zip/entry.ts";
import { CheckpointError } from "./error.ts";
import { findGlobal, items } from "./globals.ts";
import { readPickle } from "./pickle.ts";
import { Opaque, StorageClass, type StorageRef, widthOf } from "./pickle-values.ts";
import type { ReadStorage } from "./tensor.ts";

/** The 512×512 ADM checkpoint's pickle has 77 kB. */
export const maxPickleBytes = 32 * 2 ** 20;
/** How much of a record is held while its checksum is taken. */
const chunkBytes = 2 ** 20;

/** The pickled object of a checkpoint, and what reads the storages it refers to. */
export interface Saved {
  readonly value: unknown;
  readonly storage: (ref: StorageRef) => ReadStorage;
}

/** Throws a CheckpointError. */
export async function readArchive(source: RandomAccess): Promise<Saved> {
  const entries = await readZip(source);
  const names = [...entries.keys()];
  if (names.some((name) => /(^|\/)constants\.pkl$/.test(name)))
    throw new CheckpointError("it is a TorchScript program; save the module's state_dict() instead");
  const pickles = names.filter((name) => name === "data.pkl" || name.endsWith("/data.pkl"));
  if (pickles.length !== 1) throw new CheckpointError(otherArchive(names, pickles.length));
  for (const { name, method } of entries.values())
    if (method !== stored)
      throw new CheckpointError(
        `the zip entry ${escaped(name)} is compressed; torch.save stores its records: pack them again so (zip -0)`,
      );
  const folder = pickles[0].slice(0, -"data.pkl".length);
  await refuseBigEndian(source, entries.get(`${folder}byteorder`));
  const bytes = await readEntry(source, entries.get(pickles[0])!, maxPickleBytes);
  const refs = new Map<string, StorageRef>();
  const { value } = readPickle(bytes, { findGlobal, load: (id) => storageRef(id, refs) });
  const located = new Map<string, ReadStorage>();
  for (const [key, ref] of refs) {
    const entry = entries.get(`${folder}data/${key}`);
    if (!entry) throw new CheckpointError(`its archive has no record ${escaped(`${folder}data/${key}`)}`);
    const size = ref.count * widthOf(ref);
    if (entry.size !== size)
      throw new CheckpointError(`${escaped(entry.name)} has ${entry.size} bytes; its ${ref.count} values take ${size}`);
    located.set(key, recordReader(source, entry, await locate(source, entry)));
  }
  return { value, storage: ({ key }) => located.get(key)! };
}

function otherArchive(names: readonly string[], pickles: number): string {
  if (pickles > 0) return `it is a zip archive with ${pickles} files called data.pkl`;
  if (names.length > 0 && names.every((name) => name.endsWith(".npy")))
    return "it holds arrays of NumPy's (.npz), not a checkpoint";
  const packed = names.find((name) => /\.(?:pt|pth|ckpt|bin|safetensors|onnx)$/i.test(name));
  return packed === undefined
    ? "it is a zip archive without data.pkl, so torch.save did not write it"
    : `it is a zip archive with ${escaped(packed)} in it: unpack it`;
}

/** ("storage", class, key, location, count). */
function storageRef(id: unknown, refs: Map<string, StorageRef>): StorageRef | Opaque {
  const [tag, type, key, , count] = items(id);
  // Of a class that came later: its record lies by itself, and is passed over.
  if (tag === "storage" && type instanceof Opaque) return type;
  if (tag !== "storage" || !(type instanceof StorageClass) || typeof key !== "string" || !isCount(count))
    throw new CheckpointError(`its pickle refers to something that is not a storage (${escaped(String(tag))})`);
  const known = refs.get(key);
  if (known && (known.type !== type.type || known.foreign !== type.foreign || known.count !== count))
    throw new CheckpointError(`its pickle describes the storage ${escaped(key)} in two ways`);
  const ref = known ?? { key, type: type.type, foreign: type.foreign, count, start: 0 };
  refs.set(key, ref);
  return ref;
}

export const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** Reads parts of a record. Its checksum covers it whole, so the first partial read walks through it once. */
function recordReader(source: RandomAccess, entry: ZipEntry, data: number): ReadStorage {
  let checked: Promise<void> | undefined;
  const check = async () => {
    let crc = 0;
    for (let at = 0; at < entry.size; at += chunkBytes)
      crc = crc32(await source.read(data + at, Math.min(chunkBytes, entry.size - at)), crc);
    checkCrc(entry, crc);
  };
  return async (offset, length) => {
    if (length < entry.size) {
      checked ??= check();
      await checked;
    }
    const bytes = await source.read(data + offset, length);
    if (length === entry.size) checkCrc(entry, crc32(bytes));
    return bytes;
  };
}

async function refuseBigEndian(source: RandomAccess, entry: ZipEntry | undefined): Promise<void> {
  if (!entry) return;
  const order = new TextDecoder().decode(await readEntry(source, entry, 16));
  if (order !== "little")
    throw new CheckpointError(`its numbers are ${escaped(order)}-endian; only little-endian ones are read`);
}
