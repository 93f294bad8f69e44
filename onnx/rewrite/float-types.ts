/** Small float32 constants in the other types of floats. */
import type { DataType, OnnxTensor } from "../ir.ts";

const floatTypes: ReadonlySet<DataType> = new Set(["float32", "float64", "float16", "bfloat16"]);
export const isFloat = (type: DataType): boolean => floatTypes.has(type);

/** A float32 constant in another float type, rounded to nearest even. */
export function roundedTo(type: DataType, { dims, data }: OnnxTensor): OnnxTensor {
  const values = new Float32Array((data as Uint8Array).slice().buffer);
  const array =
    type === "float64"
      ? Float64Array.from(values)
      : Uint16Array.from(values, type === "float16" ? float16Bits : bfloat16Bits);
  return { type, dims, data: new Uint8Array(array.buffer) };
}

const bfloat16Bits = (value: number): number => {
  const [bits] = new Uint32Array(Float32Array.of(value).buffer);
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
};

/** IEEE 754 binary16: 5 exponent bits, 10 of fraction. */
function float16Bits(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  if (size >= 65520) return sign | 0x7c00;
  const exponent = Math.max(-14, Math.floor(Math.log2(size || 2 ** -30)));
  const units = roundHalfToEven(size / 2 ** (exponent - 10));
  // Rounding may carry into the next exponent; adding the units to the exponent field lets it.
  return sign | (exponent === -14 ? units : ((exponent + 14) << 10) + units);
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
