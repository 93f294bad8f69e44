/**
 * Arrays in numpy's .npy format (NEP 1, versions 1 to 3): magic, a header that is a Python dictionary, then the values.
 */
import { escaped } from "../../onnx/source.ts";
import { isNpy } from "./kinds.ts";

const types = {
  bool: ["b1", Uint8Array],
  uint8: ["u1", Uint8Array],
  int8: ["i1", Int8Array],
  uint16: ["u2", Uint16Array],
  int16: ["i2", Int16Array],
  uint32: ["u4", Uint32Array],
  int32: ["i4", Int32Array],
  uint64: ["u8", BigUint64Array],
  int64: ["i8", BigInt64Array],
  /** As bit patterns. */
  float16: ["f2", Uint16Array],
  float32: ["f4", Float32Array],
  float64: ["f8", Float64Array],
} as const;

export type NpyType = keyof typeof types;

/** Of a value. */
export const bytesOf = (type: NpyType): number => types[type][1].BYTES_PER_ELEMENT;

export interface NpyArray<T extends NpyType = NpyType> {
  readonly type: T;
  readonly dims: readonly number[];
  /** Row-major. */
  readonly data: InstanceType<(typeof types)[T][1]>;
}

/** "60×32×32×3 uint8". */
export const shapeText = ({ type, dims }: Pick<NpyArray, "type" | "dims">): string => `${dims.join("×")} ${type}`;

/** As numpy itself has it (numpy.lib.format, max_header_size). */
const maxHeaderBytes = 10_000;
/** Magic, version and the length of the header, as version 2 and 3 have them; version 1 takes two bytes less. */
const prefixBytes = 12;
/** What `readNpyHeader` wants of an array that goes on behind it. */
export const maxBytesBeforeValues = prefixBytes + maxHeaderBytes;
/** As numpy itself has it. */
const maxDims = 64;

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** Throws a SyntaxError when the bytes are no array, or hold Python objects or text. */
export function readNpy(bytes: Uint8Array): NpyArray {
  const { header, rest } = partsOf(bytes);
  const { type, dims, isBigEndian, isFortran } = shapeOf(header);
  const data = values(rest, type, dims, isBigEndian);
  return { type, dims, data: isFortran ? rowMajor(data, dims) : data };
}

interface NpyShape {
  readonly type: NpyType;
  readonly dims: readonly number[];
  readonly isBigEndian: boolean;
  /** The first axis lies closest together, as in what MATLAB and NIfTI readers give. */
  readonly isFortran: boolean;
}

function shapeOf(header: string): NpyShape {
  const [, descr] = /'descr':\s*'([^']*)'/.exec(header) ?? [];
  const [, shape] = /'shape':\s*\(([\d,\s]*)\)/.exec(header) ?? [];
  if (descr === undefined || shape === undefined)
    throw new SyntaxError(`its header cannot be read: ${escaped(header.trim())}`);
  const type = (Object.keys(types) as NpyType[]).find((name) => types[name][0] === descr.slice(1));
  if (!type) throw new SyntaxError(`values of type ${escaped(descr)} cannot be read: save integers or floats`);
  const dims = shape.split(",").flatMap((dim) => (dim.trim() === "" ? [] : [Number(dim)]));
  if (dims.length > maxDims) throw new SyntaxError(`it has ${dims.length} dimensions; at most ${maxDims} are read`);
  const isFortran = /'fortran_order':\s*True/.test(header) && dims.length > 1;
  return { type, dims, isBigEndian: descr[0] === ">", isFortran };
}

/** One text, in UTF-8. Throws a SyntaxError when the bytes are something else. */
export function readNpyText(bytes: Uint8Array): string {
  const { header, rest } = partsOf(bytes);
  if (!/'descr':\s*'\|S\d+'.*'shape':\s*\(\s*\)/.test(header)) throw new SyntaxError("it is no text");
  return new TextDecoder().decode(rest);
}

/**
 * What is said of an array before its values, and how many bytes that takes. `bytes`: its beginning, `maxBytesBeforeValues` of
 * it or all there is. Throws likewise.
 */
export function readNpyHeader(bytes: Uint8Array): NpyShape & { readonly length: number } {
  const { header, rest } = partsOf(bytes);
  return { ...shapeOf(header), length: bytes.length - rest.length };
}

/** Throws a SyntaxError where the values of an array take other bytes than `there` are; `mayBeMore`: only where they take more. */
export function wantBytes(type: NpyType, dims: readonly number[], there: number, mayBeMore = false): void {
  const needed = dims.reduce((product, dim) => product * dim, 1) * bytesOf(type);
  if (Number.isSafeInteger(needed) && (mayBeMore ? there >= needed : there === needed)) return;
  throw new SyntaxError(`shape ${dims.join("×")} needs ${needed} bytes, there are ${there}`);
}

function partsOf(bytes: Uint8Array): { header: string; rest: Uint8Array } {
  if (!isNpy(bytes)) throw new SyntaxError("it is no .npy array");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const long = bytes[6] >= 2;
  const start = long ? prefixBytes : prefixBytes - 2;
  if (bytes.length < start) throw new SyntaxError("its header is cut off");
  const length = long ? view.getUint32(8, true) : view.getUint16(8, true);
  if (length > maxHeaderBytes)
    throw new SyntaxError(`its header has ${length} bytes; at most ${maxHeaderBytes} are read`);
  if (bytes.length < start + length)
    throw new SyntaxError(`its header is cut off: it says ${length} bytes, there are ${bytes.length - start}`);
  const header = new TextDecoder().decode(bytes.subarray(start, start + length));
  return { header, rest: bytes.subarray(start + length) };
}

function values(bytes: Uint8Array, type: NpyType, dims: readonly number[], bigEndian: boolean): NpyArray["data"] {
  const Values = types[type][1];
  const size = Values.BYTES_PER_ELEMENT;
  const count = dims.reduce((product, dim) => product * dim, 1);
  // As numpy.load: what lies behind the values is left alone.
  wantBytes(type, dims, bytes.length, true);
  // Typed arrays want aligned storage, and a big-endian one is reversed in place: both ask for a copy.
  const aligned = (bytes.byteOffset % size === 0 && !bigEndian) || size === 1;
  const used = bytes.subarray(0, count * size);
  const owned = aligned ? used : new Uint8Array(used);
  if (bigEndian) for (let i = 0; i < owned.length; i += size) owned.subarray(i, i + size).reverse();
  return new Values(owned.buffer as ArrayBuffer, owned.byteOffset, count);
}

/** The same values with the last axis closest together. */
function rowMajor(data: NpyArray["data"], dims: readonly number[]): NpyArray["data"] {
  const out = data.slice();
  const [from, to] = [data as Float64Array, out as Float64Array];
  const steps = dims.map((_, axis) => dims.slice(0, axis).reduce((product, dim) => product * dim, 1));
  const at = dims.map(() => 0);
  for (let i = 0, place = 0; i < to.length; i++) {
    to[i] = from[place];
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      place += steps[axis];
      if (++at[axis] < dims[axis]) break;
      place -= at[axis] * steps[axis];
      at[axis] = 0;
    }
  }
  return out;
}

/** The header of an array whose values follow, padded so that they start at a multiple of 64. */
export function npyHeader(type: NpyType, dims: readonly number[]): Uint8Array {
  const [descr, { BYTES_PER_ELEMENT: size }] = types[type];
  return headerOf(`${size === 1 ? "|" : "<"}${descr}`, dims.length === 1 ? `${dims[0]},` : dims.join(", "));
}

/** Of one text of so many bytes: numpy gives it as `array.item()`, a bytes object. */
export const npyTextHeader = (length: number): Uint8Array => headerOf(`|S${length}`, "");

function headerOf(descr: string, shape: string): Uint8Array {
  const dictionary = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape}), }`;
  const padding = (64 - ((10 + dictionary.length + 1) % 64)) % 64;
  const text = new TextEncoder().encode(`${dictionary}${" ".repeat(padding)}\n`);
  return Uint8Array.of(...magic, 1, 0, text.length & 0xff, text.length >> 8, ...text);
}
