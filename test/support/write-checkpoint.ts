/**
 * Checkpoints for tests and benches, as torch.save writes them (zip format, pickle protocol 2), without Python. One
 * tensor is held at a time, so a file may be larger than memory.
 */

import { closeSync, openSync, writeSync } from "node:fs";
import { randomWeight } from "../../onnx/adm/random-weights.ts";
import type { DataType } from "../../onnx/index.ts";
import { crc32 } from "../../onnx/zip/crc32.ts";

export interface StoredTensor {
  readonly name: string;
  readonly type: DataType;
  readonly dims: readonly number[];
  /** Contiguous, little-endian. */
  bytes(): Uint8Array;
}

/** Writes a state dict to `path`. `torch.load` reads it. */
export function writeCheckpoint(path: string, tensors: readonly StoredTensor[]): void {
  const file = openSync(path, "w");
  try {
    for (const chunk of checkpointChunks(tensors)) writeSync(file, chunk);
  } finally {
    closeSync(file);
  }
}

/** The same in memory. */
export const checkpointBytes = (tensors: readonly StoredTensor[]): Uint8Array =>
  Uint8Array.from(Buffer.concat([...checkpointChunks(tensors)]));

function* checkpointChunks(tensors: readonly StoredTensor[]): Generator<Uint8Array> {
  yield* zipChunks([
    { name: "archive/data.pkl", bytes: () => pickleStateDict(tensors) },
    ...tensors.map(({ bytes }, key) => ({ name: `archive/data/${key}`, bytes })),
    { name: "archive/version", bytes: () => ascii("3\n") },
  ]);
}

export interface Record {
  readonly name: string;
  bytes(): Uint8Array;
}

/** A zip archive of stored records; data begin at multiples of 64 bytes, as in torch.save's files. */
export function* zipChunks(records: readonly Record[]): Generator<Uint8Array> {
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const { name, bytes } of records) {
    const data = bytes();
    const padding = (64 - ((at + 30 + name.length + 4) % 64)) % 64;
    const fields = [crc32(data), data.length, data.length].flatMap(u32);
    // Version, flags, method, time, date; then checksum, sizes, name and extra lengths.
    const common = [...u16(0), ...u16(0), ...u16(0), ...u16(0), ...u16(0x21), ...fields, ...u16(name.length)];
    const extra = [...ascii("FB"), ...u16(padding), ...Array(padding).fill(0x5a)];
    yield Uint8Array.from([...u32(0x04034b50), ...common, ...u16(extra.length), ...ascii(name), ...extra]);
    yield data;
    const tail = [...u16(0), ...u16(0), ...u16(0), ...u16(0), ...u32(0), ...u32(at), ...ascii(name)];
    directory.push(Uint8Array.from([...u32(0x02014b50), ...u16(0), ...common, ...tail]));
    at += 30 + name.length + extra.length + data.length;
  }
  yield* directory;
  const length = directory.reduce((sum, entry) => sum + entry.length, 0);
  const counts = [...u16(records.length), ...u16(records.length)];
  yield Uint8Array.from([...u32(0x06054b50), ...u32(0), ...counts, ...u32(length), ...u32(at), ...u16(0)]);
}

/** An OrderedDict of `torch._utils._rebuild_tensor_v2` calls, one storage each. */
function pickleStateDict(tensors: readonly StoredTensor[]): Uint8Array {
  const parts: (Uint8Array | number[])[] = [[0x80, 2, ...global("collections", "OrderedDict"), ...ascii(")R(")]];
  for (const [key, tensor] of tensors.entries()) parts.push([...text(tensor.name), ...pickledTensor(tensor, key)]);
  parts.push([...ascii("u.")]);
  return Uint8Array.from(Buffer.concat(parts.map((part) => Uint8Array.from(part))));
}

/** A tensor that is the whole of the storage called `key`. */
export function pickledTensor({ type, dims }: Omit<StoredTensor, "name">, key: number): number[] {
  const count = dims.reduce((product, dim) => product * dim, 1);
  const strides = dims.map((_, axis) => dims.slice(axis + 1).reduce((product, dim) => product * dim, 1));
  const storage = [
    ...ascii("("),
    ...text("storage"),
    ...global("torch", storageClass(type)),
    ...text(String(key)),
    ...text("cpu"),
    ...int(count),
    ...ascii("tQ"),
  ];
  const tuple = (values: readonly number[]) => [...ascii("("), ...values.flatMap(int), ...ascii("t")];
  const hooks = [...global("collections", "OrderedDict"), ...ascii(")R")];
  const args = [...storage, ...int(0), ...tuple(dims), ...tuple(strides), 0x89, ...hooks];
  return [...global("torch._utils", "_rebuild_tensor_v2"), ...ascii("("), ...args, ...ascii("tR")];
}

function storageClass(type: DataType): string {
  const names: Partial<{ [T in DataType]: string }> = {
    float32: "FloatStorage",
    float16: "HalfStorage",
    bfloat16: "BFloat16Storage",
    float64: "DoubleStorage",
    int64: "LongStorage",
    int8: "CharStorage",
  };
  const name = names[type];
  if (!name) throw new TypeError(`No storage class for ${type} here`);
  return name;
}

export const ascii = (string: string): Uint8Array => new TextEncoder().encode(string);
const u16 = (value: number): number[] => [value & 255, value >>> 8];
const u32 = (value: number): number[] => [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24];
/** Operations of a pickle: text, a whole number, a global. */
export const text = (string: string): number[] => [0x58, ...u32(string.length), ...ascii(string)];
export const int = (value: number): number[] => (value < 2 ** 31 ? [0x4a, ...u32(value)] : [0x8a, 8, ...u64(value)]);
const u64 = (value: number): number[] => [...u32(value >>> 0), ...u32(Math.floor(value / 2 ** 32))];
export const global = (module: string, name: string): Uint8Array => ascii(`c${module}\n${name}\n`);

export { randomValues } from "../../onnx/adm/random-weights.ts";

/** Random weights as a checkpoint stores them. */
export const randomTensors = (shapes: ReadonlyMap<string, readonly number[]>, seed = 1): StoredTensor[] =>
  [...shapes].map(([name, dims]) => ({
    name,
    type: "float32",
    dims,
    bytes: () => new Uint8Array(randomWeight(name, dims, seed).buffer),
  }));
