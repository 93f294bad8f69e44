/** Pictures and labels of an NPZ as the sampling scripts write it, a batch at a time: it may be larger than memory. */
import type { Pictures } from "../../diffusion/index.ts";
import type { RandomAccess } from "../../onnx/index.ts";
import { type NpzStream, npzShapes, readNpz, shapeText, streamOf } from "../../runtime/index.ts";
import { fileAccess } from "../files/disk-source.ts";

export interface SamplesFile {
  readonly count: number;
  /** Height, width and channels of a picture. */
  readonly shape: readonly number[];
  /** Class by class of each picture, where the file has them. */
  readonly labels: readonly number[] | undefined;
  /** So many pictures at a time, the last batch what is left. */
  batches(size: number): AsyncGenerator<Pictures>;
}

/** Something is wrong with one file, which its message names; other files may be well. */
export class UnusableFile extends Error {}

/** Of a file that cannot be opened or read, and of no other file. */
const codesOfFile: ReadonlySet<unknown> = new Set(["ENOENT", "EACCES", "EPERM", "EISDIR", "EIO", "ESTALE"]);

/** What is wrong with a file is told with its name: rejects with an UnusableFile so, and with all else as it is. */
export async function saidOf<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw unusable(path, error);
  }
}

function unusable(path: string, error: unknown): unknown {
  const isOfFile = error instanceof SyntaxError || error instanceof RangeError;
  if (!isOfFile && !(error instanceof Error && "code" in error && codesOfFile.has(error.code))) return error;
  return new UnusableFile(`Cannot read ${path}: ${error.message}`);
}

/** Throws an UnusableFile, and so do its batches: what goes wrong with a batch elsewhere is not the file's. */
export const samplesFile = (path: string): Promise<SamplesFile> =>
  saidOf(path, async () => samplesIn(await fileAccess(path, path), path));

/** Throws a SyntaxError or RangeError for a file that has none; its batches are `path`'s. */
export async function samplesIn(source: RandomAccess, path: string): Promise<SamplesFile> {
  const pictures = await streamOf(source, "arr_0");
  if (pictures?.type !== "uint8" || pictures.dims.length !== 4)
    throw new SyntaxError(`it has no pictures (arr_0, N×H×W×C of type uint8); it holds ${await heldIn(source)}`);
  const [count, ...shape] = pictures.dims;
  const width = shape.reduce((product, dim) => product * dim, 1);
  const labels = await (await readNpz(source)).get("arr_1")?.();
  if (labels && (!/^u?int/.test(labels.type) || labels.dims.length !== 1 || labels.dims[0] !== count))
    throw new SyntaxError(`its arr_1 is ${shapeText(labels)}, and no list of ${count} labels`);
  return {
    count,
    shape,
    labels: labels && [...labels.data].map(Number),
    async *batches(size) {
      const most = size * width;
      let [batch, filled] = [new Uint8Array(most), 0];
      for await (let piece of readOf(path, pictures))
        while (piece.length > 0) {
          const taken = Math.min(piece.length, most - filled);
          batch.set(piece.subarray(0, taken), filled);
          filled += taken;
          piece = piece.subarray(taken);
          if (filled < most) continue;
          yield { dims: [size, ...shape], data: batch };
          [batch, filled] = [new Uint8Array(most), 0];
        }
      if (filled > 0) yield { dims: [filled / width, ...shape], data: batch.subarray(0, filled) };
    },
  };
}

async function* readOf(path: string, array: NpzStream): AsyncGenerator<Uint8Array> {
  try {
    yield* array.read();
  } catch (error) {
    throw unusable(path, error);
  }
}

/** "arr_0 60×32×32×3 float32", "nothing". */
async function heldIn(source: RandomAccess): Promise<string> {
  const shapes = [...(await npzShapes(source))].map(([name, shape]) => `${name} ${shapeText(shape)}`);
  return shapes.slice(0, 5).join(", ") || "no arrays";
}
