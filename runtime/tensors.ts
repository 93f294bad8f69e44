/** Arrays that graphs name: NPY, or one of an NPZ's. Their values become float32, which is what graphs compute with. */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { sizeOf, type Tensor } from "../diffusion/index.ts";
import { type ArrayFacts, type Context, GraphError } from "../nodes/index.ts";
import { toFloat32 } from "../onnx/checkpoint/to-float32.ts";
import { firstOf } from "../onnx/first-of.ts";
import { bytesSource, headBytes, sayOther } from "../onnx/index.ts";
import { escaped } from "../onnx/source.ts";
import { BoundedCache, type Budget } from "./bounded-cache.ts";
import { isNpy, isZip, type NpyArray, npzShapes, readNpy, readNpz } from "./codecs/index.ts";
import type { Files, ListedFile } from "./models/host.ts";
import { notHere } from "./not-here.ts";

type Tensors = Context["tensors"];

/** Values as they are kept; `content` is the SHA-256 of their file. */
interface KeptTensor extends Tensor {
  readonly content: string;
  readonly type: string;
}

export interface TensorStore extends Tensors {
  load(id: string, array: string): Promise<KeptTensor>;
  /** What the planner asks (Known.tensor). */
  facts(id: string, array: string): Promise<ArrayFacts>;
  /** The arrays of a file that is in no folder yet ("" in an NPY); the values of an NPZ's are not looked at. */
  look(name: string, bytes: Uint8Array): Promise<(Shape & { readonly name: string })[]>;
}

/** What is read at once: a scan of 512×512×512 doubles. Larger ones are cut into several files. */
const maxFileBytes = 2 ** 30;
/** As many as a batch may have (Gaussian Noise). */
const maxValues = 2 ** 28;

/** All throw a GraphError that names the file when it is missing or cannot be read. */
export function tensorStore(files: Files, budget: Budget | number = 256 * 2 ** 20): TensorStore {
  const kept = new BoundedCache<KeptTensor>(budget, ({ data }) => data.byteLength + 1_024);
  const load = async (id: string, array: string) => {
    if (id === "") throw new GraphError("No array is chosen", "file");
    const found = await files.tensor(id);
    if (!found) throw await notHere(files, "tensor", id);
    return kept.getOrMake(`${id}\n${array}\n${found.state}`, () => read(id, found.read, array));
  };
  return {
    load,
    async facts(id, array) {
      const { content, type, dims } = await load(id, array);
      return { content, type, dims };
    },
    look: (name, bytes) =>
      refusing(name, async () => {
        if (!isNpy(bytes)) return [...(await shapesIn(name, bytes))].map(([name, shape]) => ({ name, ...shape }));
        const { type, dims } = await read(name, async () => bytes, "");
        return [{ name: "", type, dims }];
      }),
  };
}

type Shape = Omit<ArrayFacts, "content">;
type Shapes = ReadonlyMap<string, Shape>;

const read = (id: string, open: ListedFile["read"], array: string): Promise<KeptTensor> =>
  refusing(id, async () => {
    const bytes = await open();
    wantSize(bytes);
    if (!isNpy(bytes)) return tensorOf(await arrayIn(id, bytes, array), bytes);
    if (array === "") return tensorOf(readNpy(bytes), bytes);
    throw new GraphError(`Array file "${id}" is an NPY, whose one array has no name: leave array empty`, "array");
  });

function wantSize({ length }: Uint8Array): void {
  if (length > maxFileBytes) throw new SyntaxError(`it has ${length} bytes, the limit is ${maxFileBytes}`);
}

const readable = "Load Image reads it";
const advice = { "a picture (PNG)": readable, "a picture (JPEG)": readable, "a picture (WebP)": readable };

/** By what its bytes are, whatever it is called. */
async function shapesIn(id: string, bytes: Uint8Array): Promise<Shapes> {
  wantSize(bytes);
  if (!isZip(bytes))
    throw new SyntaxError(sayOther(bytes.subarray(0, headBytes), "an array", advice) ?? "it is neither NPY nor NPZ");
  const shapes = await npzShapes(bytesSource(id, bytes));
  if (shapes.size === 0) throw new SyntaxError("it holds no arrays of numbers");
  const odd = [...shapes.keys()].find((name) => name.length > maxNameLength || misleading.test(name));
  if (odd !== undefined) throw new SyntaxError(`it names an array ${escaped(odd)}: give it a plain name`);
  return shapes;
}

/** As long as a graph may name one. */
const maxNameLength = 1_000;
/** What is not shown as it is. */
const misleading = /[\p{Cc}\p{Bidi_Control}]/u;

/** So many are listed in a message. */
const shownNames = 12;

/** The array of that name; of none, the only one there is. Throws a GraphError that lists them. */
async function arrayIn(id: string, bytes: Uint8Array, name: string): Promise<NpyArray> {
  const shapes = await shapesIn(id, bytes);
  const arrays = await readNpz(bytesSource(id, bytes));
  const names = [...shapes.keys()];
  const open = arrays.get(name === "" && names.length === 1 ? names[0] : name);
  if (open) return open();
  const shown = firstOf([...shapes], shownNames, ([name, { type, dims }]) => {
    const shape = dims.join("×");
    return `${escaped(name)} (${type}${shape && ` ${shape}`})`;
  });
  const wish = name === "" ? `has ${names.length} arrays: choose one` : `has no array ${escaped(name)}`;
  throw new GraphError(`Array file "${id}" ${wish}; there are ${shown}`, "array");
}

/** Throws a SyntaxError for values that are no numbers to compute with. */
function tensorOf({ type, dims, data }: NpyArray, file: Uint8Array): KeptTensor {
  const count = sizeOf(dims);
  if (count === 0) throw new SyntaxError(`its shape ${dims.join("×")} holds no values`);
  if (count > maxValues)
    throw new SyntaxError(`it has ${count} values, the limit is ${maxValues}: cut it into several files`);
  const floats = toFloat32(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), type);
  const bad = notFinite(floats);
  if (bad > 0)
    throw new SyntaxError(
      `${bad} of its ${count} values are NaN, infinite or beyond float32: replace them first (numpy.nan_to_num)`,
    );
  // What shares memory with the file would hold all of it.
  const values = floats.buffer === file.buffer ? floats.slice() : floats;
  return { dims, data: values, type, content: bytesToHex(sha256(file)) };
}

function notFinite(values: Float32Array): number {
  let count = 0;
  for (const value of values) if (value - value !== 0) count++;
  return count;
}

/** What is wrong with the file, as what is wrong with the node. */
async function refusing<T>(id: string, make: () => Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    if (error instanceof GraphError) throw error;
    throw new GraphError(`Cannot read array file "${id}": ${error instanceof Error ? error.message : error}`, "file");
  }
}
