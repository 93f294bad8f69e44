/** What inference knows of a value, and the form of the rules that find it out. */
import { type Attributes, type DataType, type Dim, int64, type OnnxNode, type OnnxTensor } from "../ir.ts";
import type { AttributesOf, Operator } from "../operators.ts";

export interface Facts {
  readonly type: DataType;
  /** Absent: not even the rank is known. */
  readonly dims?: readonly Dim[];
  /** Every element, row-major, where known: shape arithmetic and small constants. Booleans are 0 and 1. */
  readonly values?: readonly Dim[];
}

export interface InferContext<attributes = Attributes> {
  readonly node: OnnxNode;
  readonly attrs: attributes;
  /** Facts of each input; undefined where it is absent or unknown. */
  readonly x: readonly (Facts | undefined)[];
}

/** Facts of each output. A type left out is that of the first input, dims left out are unknown. */
export type InferRule<attributes = Attributes> = (context: InferContext<attributes>) => readonly Partial<Facts>[];

/** Rules by operator, each of which sees the attributes that its operator has. */
export type InferRules = { readonly [op in Operator]?: InferRule<AttributesOf<op>> };

/** More elements than shape arithmetic needs are not tracked. */
export const maxValues = 4096;

/** Numbers of a small constant; undefined for large or lazily read ones. */
export function numbersOf(tensor: OnnxTensor): readonly number[] | undefined {
  const { type, dims, data } = tensor;
  const count = dims.reduce((a, b) => a * b, 1);
  if (!(data instanceof Uint8Array) || count > maxValues) return undefined;
  const bytes = data.slice().buffer;
  switch (type) {
    case "float32":
      return [...new Float32Array(bytes)];
    case "float64":
      return [...new Float64Array(bytes)];
    case "int64":
      return Array.from(new BigInt64Array(bytes), Number);
    case "int32":
      return [...new Int32Array(bytes)];
    case "bool":
    case "uint8":
      return [...new Uint8Array(bytes)];
    default:
      return undefined;
  }
}

/** A constant of the given elements; undefined for types that shape arithmetic does not meet. */
export function tensorOf(type: DataType, dims: readonly number[], values: readonly number[]): OnnxTensor | undefined {
  const array = (() => {
    switch (type) {
      case "float32":
        return Float32Array.from(values);
      case "float64":
        return Float64Array.from(values);
      case "int64":
        return BigInt64Array.from(values, int64);
      case "int32":
        return Int32Array.from(values);
      case "bool":
      case "uint8":
        return Uint8Array.from(values);
      default:
        return undefined;
    }
  })();
  return array && { type, dims, data: new Uint8Array(array.buffer) };
}
