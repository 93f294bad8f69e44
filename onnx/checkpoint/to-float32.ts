/** Values of any stored type as float32. */
import type { DataType } from "../ir.ts";
import { CheckpointError } from "./error.ts";

/** `bytes` (little-endian values of `type`) rounded to float32. May share memory with `bytes` when they are float32. */
export function toFloat32(bytes: Uint8Array, type: DataType): Float32Array {
  // Typed arrays begin at multiples of their size; 8 serves all.
  const { buffer, byteOffset, byteLength } = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
  switch (type) {
    case "float32":
      return new Float32Array(buffer, byteOffset, byteLength / 4);
    case "float16":
      return fromHalves(new Uint16Array(buffer, byteOffset, byteLength / 2));
    case "bfloat16": {
      // The upper half of a float32.
      const bits = Uint32Array.from(new Uint16Array(buffer, byteOffset, byteLength / 2), (half) => half << 16);
      return new Float32Array(bits.buffer);
    }
    case "float64":
      return Float32Array.from(new Float64Array(buffer, byteOffset, byteLength / 8));
    case "int64":
      return Float32Array.from(new BigInt64Array(buffer, byteOffset, byteLength / 8), Number);
    case "uint64":
      return Float32Array.from(new BigUint64Array(buffer, byteOffset, byteLength / 8), Number);
    case "int32":
      return Float32Array.from(new Int32Array(buffer, byteOffset, byteLength / 4));
    case "uint32":
      return Float32Array.from(new Uint32Array(buffer, byteOffset, byteLength / 4));
    case "int16":
      return Float32Array.from(new Int16Array(buffer, byteOffset, byteLength / 2));
    case "uint16":
      return Float32Array.from(new Uint16Array(buffer, byteOffset, byteLength / 2));
    case "int8":
      return Float32Array.from(new Int8Array(buffer, byteOffset, byteLength));
    case "uint8":
    case "bool":
      return Float32Array.from(new Uint8Array(buffer, byteOffset, byteLength));
    case "string":
      throw new CheckpointError("a tensor of strings has no numbers");
  }
}

let halves: Float32Array | undefined;

/** IEEE 754 binary16: by a table of all 65,536 values, made once. */
function fromHalves(bits: Uint16Array): Float32Array {
  halves ??= Float32Array.from({ length: 65_536 }, (_, half) => {
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >> 10) & 31;
    const fraction = half & 1023;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  });
  const values = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) values[i] = halves[bits[i]];
  return values;
}
