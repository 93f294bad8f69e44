/** Reads the fixtures that NumPy wrote: just enough of ZIP and .npy, trusting the file. */
import { readFileSync } from "node:fs";
import { inflateRawSync } from "node:zlib";
import type { Tensor } from "../../diffusion/index.ts";
import { bytesSource } from "../../onnx/index.ts";
import type { NpyArray as Loaded } from "../../runtime/codecs/npy.ts";
import { readNpz as open } from "../../runtime/codecs/npz.ts";
import { graphKeyword } from "../../runtime/codecs/png-text.ts";

export interface NpyArray {
  readonly dims: readonly number[];
  readonly data: Float32Array | Float64Array | Uint8Array | BigInt64Array;
}

/** The arrays of an .npz file by name. */
export function readNpz(path: string): Record<string, NpyArray> {
  const file = readFileSync(path);
  const end = file.lastIndexOf("PK\x05\x06");
  const arrays: Record<string, NpyArray> = {};
  let at = file.readUInt32LE(end + 16);
  for (let left = file.readUInt16LE(end + 10); left > 0; left--) {
    const method = file.readUInt16LE(at + 10);
    const length = file.readUInt32LE(at + 20);
    const nameLength = file.readUInt16LE(at + 28);
    const local = file.readUInt32LE(at + 42);
    const name = file.toString("utf8", at + 46, at + 46 + nameLength);
    const start = local + 30 + file.readUInt16LE(local + 26) + file.readUInt16LE(local + 28);
    const bytes = file.subarray(start, start + length);
    const stem = name.replace(/\.npy$/, "");
    if (stem !== graphKeyword) arrays[stem] = readNpy(method === 8 ? inflateRawSync(bytes) : bytes);
    at += 46 + nameLength + file.readUInt16LE(at + 30) + file.readUInt16LE(at + 32);
  }
  return arrays;
}

function readNpy(bytes: Buffer): NpyArray {
  const headerLength = bytes.readUInt16LE(8);
  const header = bytes.toString("latin1", 10, 10 + headerLength);
  const shape = /'shape': \(([^)]*)\)/.exec(header)![1];
  const dims = shape.split(",").flatMap((dim) => (dim.trim() ? [Number(dim)] : []));
  const body = Uint8Array.from(bytes.subarray(10 + headerLength));
  const type = /'descr': '([^']*)'/.exec(header)![1];
  if (type === "<f8") return { dims, data: new Float64Array(body.buffer) };
  if (type === "<f4") return { dims, data: new Float32Array(body.buffer) };
  if (type === "<f8") return { dims, data: new Float64Array(body.buffer) };
  if (type === "|u1") return { dims, data: body };
  if (type === "<i8") return { dims, data: new BigInt64Array(body.buffer) };
  throw new TypeError(`Cannot read an array of type ${type}`);
}

/** The float32 array as a tensor; with `row`, that entry of its first axis. */
export function tensorOf({ dims, data }: NpyArray, row?: number): Tensor {
  if (!(data instanceof Float32Array)) throw new TypeError("Cannot read anything but float32 as a tensor");
  if (row === undefined) return { dims, data };
  const length = data.length / dims[0];
  const from = row < 0 ? dims[0] + row : row;
  return { dims: dims.slice(1), data: data.subarray(from * length, (from + 1) * length) };
}

/** Every array of a file at hand, as the product reads it; what says how it was made is none. */
export async function arraysIn(bytes: Uint8Array): Promise<ReadonlyMap<string, Loaded>> {
  const arrays = await open(bytesSource("test.npz", bytes));
  const named = [...arrays].filter(([name]) => name !== graphKeyword);
  return new Map(await Promise.all(named.map(async ([name, read]) => [name, await read()] as const)));
}
