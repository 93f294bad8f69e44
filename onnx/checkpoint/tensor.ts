/** Tensors of a checkpoint: views of storages, read by offset when they are asked for. */
import { bytesPerValue, type DataType } from "../ir.ts";
import { escaped } from "../source.ts";
import { CheckpointError } from "./error.ts";
import type { TensorRef } from "./pickle-values.ts";
import { toFloat32 } from "./to-float32.ts";

export interface CheckpointTensor {
  /** As stored. */
  readonly type: DataType;
  readonly dims: readonly number[];
  /** Contiguous, row-major, little-endian, of `type`. Throws a CheckpointError when the bytes are damaged. */
  read(): Promise<Uint8Array>;
  /** The values rounded to float32. */
  readFloat32(): Promise<Float32Array>;
}

/** Reads `length` bytes from byte `offset` of a storage on. */
export type ReadStorage = (offset: number, length: number) => Promise<Uint8Array>;

/** An expanded tensor repeats values (stride 0), so a few bytes can claim any size. */
const maxRepeatedValues = 2 ** 24;

/** The tensor called `name`. Throws a CheckpointError when the view does not lie inside its storage. */
export function checkpointTensor(name: string, ref: TensorRef, read: ReadStorage): CheckpointTensor {
  const { type, dims, strides, offset, storage } = ref;
  const size = bytesPerValue[type];
  const count = dims.reduce((product, dim) => product * dim, 1);
  const available = Math.floor((storage.count * (storage.type ? size : 1)) / size);
  // From the first value to the last, one past it.
  const extent = count === 0 ? 0 : dims.reduce((sum, dim, axis) => sum + (dim - 1) * strides[axis], 1);
  if (dims.length !== strides.length)
    throw new CheckpointError(`tensor ${escaped(name)} has ${dims.length} sizes and ${strides.length} strides`);
  if (!(offset + extent <= available))
    throw new CheckpointError(
      `tensor ${escaped(name)} ends at value ${offset + extent} of its storage, which has ${available}`,
    );
  if (count > Math.max(storage.count, maxRepeatedValues))
    throw new CheckpointError(
      `tensor ${escaped(name)} repeats the ${storage.count} values of its storage to ${count}; at most ${maxRepeatedValues} are made`,
    );
  const contiguous = isContiguous(dims, strides);
  const readBytes = async () => {
    const span = await read((storage.start + offset) * size, extent * size);
    return contiguous || count === 0 ? span : gather(span, size, dims, strides, count);
  };
  return { type, dims, read: readBytes, readFloat32: async () => toFloat32(await readBytes(), type) };
}

function isContiguous(dims: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    if (dims[axis] !== 1 && strides[axis] !== expected) return false;
    expected *= dims[axis];
  }
  return true;
}

/** Row-major copy of a strided view that begins at the first byte of `span`. */
function gather(
  span: Uint8Array,
  size: number,
  dims: readonly number[],
  strides: readonly number[],
  count: number,
): Uint8Array {
  const Values = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array, 8: BigUint64Array }[size] ?? Uint8Array;
  const aligned = span.byteOffset % size === 0 ? span : span.slice();
  const from = new Values(aligned.buffer as ArrayBuffer, aligned.byteOffset, aligned.byteLength / size);
  const to = new Values(count);
  const index = dims.map(() => 0);
  let at = 0;
  for (let i = 0; i < count; i++) {
    to[i] = from[at];
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      at += strides[axis];
      if (++index[axis] < dims[axis]) break;
      at -= strides[axis] * dims[axis];
      index[axis] = 0;
    }
  }
  return new Uint8Array(to.buffer);
}
