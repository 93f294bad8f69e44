/**
 * The safetensors format: the header's length as a uint64, the header, the tensors' bytes one after the other. The header
 * is JSON: by name, `dtype`, `shape` and `data_offsets` counted from its end, and `__metadata__` with text alone
 * (huggingface.co/docs/safetensors). Nothing in it can be run.
 */
import type { DataType } from "../ir.ts";
import { bytesPerValue } from "../ir.ts";
import { escaped, type RandomAccess } from "../source.ts";
import { maxPickleBytes } from "./archive.ts";
import { CheckpointError } from "./error.ts";
import { TensorRef } from "./pickle-values.ts";
import type { StateDict } from "./state-dict.ts";
import { type CheckpointTensor, checkpointTensor } from "./tensor.ts";

const types: Readonly<Record<string, DataType>> = {
  F64: "float64",
  F32: "float32",
  F16: "float16",
  BF16: "bfloat16",
  I64: "int64",
  I32: "int32",
  I16: "int16",
  I8: "int8",
  U64: "uint64",
  U32: "uint32",
  U16: "uint16",
  U8: "uint8",
  BOOL: "bool",
};

/** As many as a pickle may make objects, far more than any network has. */
const maxTensors = 250_000;

/** What `head`, the first bytes of a file, says: a length that fits, and a brace. */
export function looksLikeSafetensors(head: Uint8Array, size: number): boolean {
  if (head.length < 9 || head[8] !== 0x7b) return false;
  const length = new DataView(head.buffer, head.byteOffset, 8).getBigUint64(0, true);
  return length >= 2n && (length <= BigInt(size - 8) || length <= BigInt(maxPickleBytes));
}

interface Entry {
  readonly name: string;
  readonly type: DataType;
  readonly dims: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/** Throws a CheckpointError. */
export async function readSafetensors(source: RandomAccess): Promise<StateDict> {
  const head = await source.read(0, 8);
  const length = Number(new DataView(head.buffer, head.byteOffset, 8).getBigUint64(0, true));
  if (length > maxPickleBytes)
    throw new CheckpointError(`its header has ${length} bytes; at most ${maxPickleBytes} are read`);
  if (8 + length > source.size)
    throw new CheckpointError(`its header ends at byte ${8 + length}, the file has ${source.size}: it is truncated`);
  const entries = headerOf(await source.read(8, length));
  const data = 8 + length;
  let at = 0;
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== at)
      throw new CheckpointError(
        `tensor ${escaped(name)} begins at byte ${begin} of its data, where another ends at ${at}: it ${begin < at ? "overlaps" : "leaves a hole"}`,
      );
    at = end;
  }
  if (data + at !== source.size)
    throw new CheckpointError(
      data + at > source.size
        ? `its tensors end at byte ${data + at}, the file has ${source.size}: it is truncated`
        : `it has ${source.size - data - at} bytes after its last tensor`,
    );
  return new Map(entries.map((entry) => [entry.name, tensorOf(entry, source, data)]));
}

function headerOf(bytes: Uint8Array): Entry[] {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new CheckpointError("its header is no JSON: the file is damaged");
  }
  if (!isRecord(header)) throw new CheckpointError("its header is no JSON object");
  const names = Object.keys(header).filter((name) => name !== "__metadata__");
  if (names.length === 0) throw new CheckpointError("it holds no tensors");
  if (names.length > maxTensors) throw new CheckpointError(`it names ${names.length} tensors; at most ${maxTensors}`);
  return names.map((name) => entryOf(name, header[name]));
}

function entryOf(name: string, entry: unknown): Entry {
  const refuse = (problem: string) => new CheckpointError(`tensor ${escaped(name)} ${problem}`);
  if (!isRecord(entry)) throw refuse("is not described by an object");
  const { dtype, shape, data_offsets: offsets } = entry;
  const type = typeof dtype === "string" && Object.hasOwn(types, dtype) ? types[dtype] : undefined;
  if (!type) throw refuse(`is ${escaped(String(dtype))}; ${Object.keys(types).join(", ")} are read`);
  if (!isCounts(shape)) throw refuse("has no shape of whole numbers");
  if (!isCounts(offsets) || offsets.length !== 2) throw refuse("has no data_offsets of two whole numbers");
  const [begin, end] = offsets;
  const size = shape.reduce((product, dim) => product * dim, bytesPerValue[type]);
  if (end - begin !== size) throw refuse(`takes ${size} bytes, its data_offsets give ${end - begin}`);
  return { name, type, dims: shape, begin, end };
}

function tensorOf({ name, type, dims, begin, end }: Entry, source: RandomAccess, data: number): CheckpointTensor {
  const strides = dims.map((_, axis) => dims.slice(axis + 1).reduce((product, dim) => product * dim, 1));
  const storage = { key: name, type, count: (end - begin) / bytesPerValue[type], start: 0 };
  const ref = new TensorRef(storage, type, 0, dims, strides);
  return checkpointTensor(name, ref, (offset, length) => source.read(data + begin + offset, length));
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.length <= 32 && value.every((one) => Number.isSafeInteger(one) && one >= 0);
