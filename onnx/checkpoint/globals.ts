/**
 * The names that make tensors, and what we build for each. A name outside the table becomes an opaque record, or an error
 * when it is known to run code (unsafe-globals.ts): nothing is looked up, imported or run.
 */
import type { DataType } from "../ir.ts";
import { escaped } from "../source.ts";
import { CheckpointError } from "./error.ts";
import {
  Dict,
  Dtype,
  ForeignTensor,
  Maker,
  Opaque,
  StorageClass,
  type StorageRef,
  TensorRef,
  Tuple,
} from "./pickle-values.ts";
import { isUnsafe } from "./unsafe-globals.ts";

/** Storage classes of torch and torch.cuda. */
const storages: Readonly<Record<string, DataType>> = {
  FloatStorage: "float32",
  HalfStorage: "float16",
  BFloat16Storage: "bfloat16",
  DoubleStorage: "float64",
  LongStorage: "int64",
  IntStorage: "int32",
  ShortStorage: "int16",
  CharStorage: "int8",
  ByteStorage: "uint8",
  BoolStorage: "bool",
};

/** Those whose tensors lie beside a network's: buffers of rotary embeddings, observers of a quantised copy. Bytes a value. */
const foreign: Readonly<Record<string, number>> = {
  ComplexFloatStorage: 8,
  ComplexDoubleStorage: 16,
  QInt8Storage: 1,
  QUInt8Storage: 1,
  QInt32Storage: 4,
  QUInt4x2Storage: 1,
  QUInt2x4Storage: 1,
};

const dtypes: Readonly<Record<string, DataType>> = {
  float32: "float32",
  float: "float32",
  float16: "float16",
  half: "float16",
  bfloat16: "bfloat16",
  float64: "float64",
  double: "float64",
  int64: "int64",
  long: "int64",
  int32: "int32",
  int: "int32",
  int16: "int16",
  short: "int16",
  int8: "int8",
  uint8: "uint8",
  uint16: "uint16",
  uint32: "uint32",
  uint64: "uint64",
  bool: "bool",
};

const makers: Readonly<Record<string, (args: readonly unknown[]) => unknown>> = {
  "collections OrderedDict": ([pairs]) => orderedDict(pairs),
  "torch Size": ([dims]) => new Tuple(items(dims)),
  "torch._utils _rebuild_tensor": ([storage, offset, dims, strides]) => tensor(storage, offset, dims, strides),
  "torch._utils _rebuild_tensor_v2": ([storage, offset, dims, strides]) => tensor(storage, offset, dims, strides),
  // For types that have no storage class of their own; the seventh argument is the dtype.
  "torch._utils _rebuild_tensor_v3": ([storage, offset, dims, strides, , , dtype]) =>
    tensor(storage, offset, dims, strides, dtype),
  "torch._utils _rebuild_parameter": ([data]) => aTensor(data),
  "torch._utils _rebuild_parameter_with_state": ([data]) => aTensor(data),
  "torch._utils _rebuild_qtensor": ([storage]) => new ForeignTensor(foreignName(storage) ?? "quantised"),
  "torch._utils _rebuild_sparse_tensor": () => new ForeignTensor("sparse"),
  "torch._utils _rebuild_meta_tensor_no_storage": () => new ForeignTensor("meta, without values"),
  // A tensor with Python attributes: what makes it, its class, the arguments, the attributes.
  "torch._tensor _rebuild_from_type_v2": ([maker, kind, args]) =>
    maker instanceof Maker
      ? aTensor(maker.make(items(args)))
      : new ForeignTensor(kind instanceof Opaque ? kind.name : "unknown"),
};

const table: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ...Object.entries(makers).map(([name, make]) => [name, new Maker(name, make)] as const),
  ...["torch", "torch.cuda"].flatMap((module) =>
    Object.entries(storages).map(([name, type]) => [`${module} ${name}`, new StorageClass(type)] as const),
  ),
  ...["torch", "torch.cuda"].flatMap((module) =>
    Object.entries(foreign).map(([name, width]) => {
      const type = { name: name.slice(0, -"Storage".length), width };
      return [`${module} ${name}`, new StorageClass(undefined, type)] as const;
    }),
  ),
  ["torch.storage UntypedStorage", new StorageClass(undefined)],
  ["torch.storage _UntypedStorage", new StorageClass(undefined)],
  ...Object.entries(dtypes).map(([name, type]) => [`torch ${name}`, new Dtype(type)] as const),
]);

/** What honest files have such a name for. */
const todo: Readonly<Record<string, string>> = {
  "torch.storage._load_from_bytes": ". pickle.dump writes tensors so: write them with torch.save",
};

/** A name that is refused. */
export class ForbiddenGlobal extends CheckpointError {}

/** Module and name as Python spells them, a nested class with dots. Anything else was not written by Python. */
const identifiers = /^[\p{L}\p{N}_<>]+(\.[\p{L}\p{N}_<>]+)*$/u;

/** What stands for a pickled global. Throws a ForbiddenGlobal that names one that would run code where Python loads it. */
export function findGlobal(module: string, name: string): unknown {
  const found = table.get(`${module} ${name}`);
  if (found !== undefined) return found;
  const full = `${module}.${name}`;
  if (!identifiers.test(full))
    throw new ForbiddenGlobal(`its pickle names ${escaped(full)}, which is no name of Python's; nothing was run`);
  if (isUnsafe(module, name))
    throw new ForbiddenGlobal(
      `its pickle names ${escaped(full)}, which runs code where Python loads it (MODEL_UNSAFE); nothing was run${todo[full] ?? ""}`,
    );
  return new Opaque(full);
}

/** Python 3 pickles an OrderedDict empty and fills it; Python 2 hands it a list of pairs. */
function orderedDict(pairs: unknown): Dict {
  const dict = new Dict();
  for (const pair of pairs === undefined ? [] : items(pairs)) {
    const [key, value, ...rest] = items(pair);
    if (rest.length > 0) throw new CheckpointError("an OrderedDict in its pickle is not made of pairs");
    dict.set(key, value);
  }
  return dict;
}

function tensor(
  storage: unknown,
  offset: unknown,
  dims: unknown,
  strides: unknown,
  dtype?: unknown,
): TensorRef | ForeignTensor {
  const foreign = foreignName(storage) ?? (dtype instanceof Opaque ? dtype.name : undefined);
  if (foreign !== undefined) return new ForeignTensor(foreign);
  const ref = storage as StorageRef | undefined;
  if (typeof ref !== "object" || ref === null || !("key" in ref))
    throw new CheckpointError("a tensor in its pickle has no storage");
  const type = ref.type ?? (dtype instanceof Dtype ? dtype.type : undefined);
  if (type === undefined) throw new CheckpointError(`the tensor in storage ${escaped(ref.key)} has no type`);
  return new TensorRef(ref, type, count(offset), items(dims).map(count), items(strides).map(count));
}

/** What its values are where they are not read; undefined for all others. */
const foreignName = (storage: unknown): string | undefined =>
  storage instanceof Opaque ? storage.name : (storage as StorageRef | undefined | null)?.foreign?.name;

function aTensor(value: unknown): TensorRef | ForeignTensor {
  if (!(value instanceof TensorRef || value instanceof ForeignTensor))
    throw new CheckpointError("a parameter in its pickle is not a tensor");
  return value;
}

export function items(value: unknown): readonly unknown[] {
  if (value instanceof Tuple) return value.items;
  if (Array.isArray(value)) return value;
  throw new CheckpointError("its pickle has another value where a tuple belongs");
}

/** A size, stride or offset: 0 … 2⁵³ − 1. Negative strides exist in Python, but torch.save does not write them. */
function count(value: unknown): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0)
    throw new CheckpointError(`a tensor in its pickle has the size, stride or offset ${escaped(String(value))}`);
  return value;
}
