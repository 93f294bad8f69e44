/** Checkpoints as people's scripts save them: tensors in dicts, beside objects of any class; and safetensors. */
import { ascii, global, int, pickledTensor, type StoredTensor, text, zipChunks } from "./write-checkpoint.ts";

/** A class, or an object of it: what `__reduce__` calls it with, and its state. */
export class PythonObject {
  constructor(
    readonly name: string,
    readonly args?: readonly unknown[],
    readonly state?: unknown,
  ) {}
}

/** An object as Python makes one without arguments: `__dict__` is its state. */
export const python = (name: string, state: Readonly<Record<string, unknown>> = {}): PythonObject =>
  new PythonObject(name, [], dict(state));
export const pythonClass = (name: string): PythonObject => new PythonObject(name);
export const pythonCall = (name: string, ...args: readonly unknown[]): PythonObject => new PythonObject(name, args);

export const dict = (entries: Readonly<Record<string, unknown>>): ReadonlyMap<unknown, unknown> =>
  new Map(Object.entries(entries));

/** A state dict, with words in front of its names. */
export const stateDict = (tensors: readonly StoredTensor[], prefix = ""): ReadonlyMap<unknown, unknown> =>
  new Map(tensors.map((tensor) => [prefix + tensor.name, tensor]));

/** What `torch.save(value)` writes: maps are dicts, arrays lists, stored tensors tensors. */
export function savedBytes(value: unknown): Uint8Array {
  const storages: StoredTensor[] = [];
  const pickle = Uint8Array.from([0x80, 2, ...pickled(value, storages), ...ascii(".")]);
  return Uint8Array.from(
    Buffer.concat([
      ...zipChunks([
        { name: "archive/data.pkl", bytes: () => pickle },
        ...storages.map(({ bytes }, key) => ({ name: `archive/data/${key}`, bytes })),
        { name: "archive/version", bytes: () => ascii("3\n") },
      ]),
    ]),
  );
}

function pickled(value: unknown, storages: StoredTensor[]): number[] {
  const inner = (some: unknown) => pickled(some, storages);
  if (value === null || value === undefined) return [...ascii("N")];
  if (typeof value === "boolean") return [value ? 0x88 : 0x89];
  if (typeof value === "string") return text(value);
  if (typeof value === "number") return Number.isInteger(value) ? int(value) : [...ascii(`F${value}\n`)];
  if (Array.isArray(value)) return [...ascii("]("), ...value.flatMap(inner), ...ascii("e")];
  if (value instanceof Map)
    return [...ascii("}("), ...[...value].flatMap((entry) => entry.flatMap(inner)), ...ascii("u")];
  if (value instanceof PythonObject) {
    const dot = value.name.lastIndexOf(".");
    const made = value.args && [...ascii("("), ...value.args.flatMap(inner), ...ascii("tR")];
    const filled = value.state === undefined ? [] : [...inner(value.state), ...ascii("b")];
    return [...global(value.name.slice(0, dot), value.name.slice(dot + 1)), ...(made ?? []), ...filled];
  }
  const tensor = value as StoredTensor;
  return pickledTensor(tensor, storages.push(tensor) - 1);
}

const safeTypes: Readonly<Record<string, string>> = {
  float32: "F32",
  float16: "F16",
  bfloat16: "BF16",
  float64: "F64",
};

/** What `safetensors.torch.save_file` writes. */
export function safetensorsBytes(tensors: readonly StoredTensor[], metadata = { format: "pt" }): Uint8Array {
  let end = 0;
  const header = Object.fromEntries(
    tensors.map(({ name, type, dims, bytes }) => {
      const begin = end;
      end += bytes().length;
      return [name, { dtype: safeTypes[type], shape: dims, data_offsets: [begin, end] }];
    }),
  );
  return withHeader(JSON.stringify({ __metadata__: metadata, ...header }), ...tensors.map(({ bytes }) => bytes()));
}

/** Any text as the header of a safetensors file, with data behind it. */
export function withHeader(header: string, ...data: readonly Uint8Array[]): Uint8Array {
  const bytes = ascii(header);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(bytes.length), true);
  return Uint8Array.from(Buffer.concat([length, bytes, ...data]));
}
