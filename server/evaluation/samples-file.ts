/** Pictures and labels of an NPZ as the sampling scripts write it, a batch at a time: it may be larger than memory. */
import type { Pictures } from "../../diffusion/index.ts";
import type { RandomAccess } from "../../onnx/index.ts";
import { streamOf } from "../../runtime/index.ts";
import { fileAccess } from "../files/disk-source.ts";

export interface SamplesFile {
  readonly count: number;
  /** Class by class of each picture, where the file has them. */
  readonly labels: readonly number[] | undefined;
  /** So many pictures at a time, the last batch what is left. */
  batches(size: number): AsyncGenerator<Pictures>;
}

/** What is wrong with a file is told with its name: rejects with an Error so. */
export async function saidOf<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError || (error as { code?: unknown }).code === "ENOENT")
      throw new Error(`Cannot read ${path}: ${error instanceof Error ? error.message : error}`);
    throw error;
  }
}

/** Throws an Error that names the file. */
export const samplesFile = (path: string): Promise<SamplesFile> =>
  saidOf(path, async () => samplesIn(await fileAccess(path, path)));

/** Throws a SyntaxError or RangeError for a file that has none. */
export async function samplesIn(source: RandomAccess): Promise<SamplesFile> {
  const pictures = await streamOf(source, "arr_0");
  if (pictures?.type !== "uint8" || pictures.dims.length !== 4)
    throw new SyntaxError("it has no pictures: arr_0 of type uint8, N×H×W×C");
  const [count, ...shape] = pictures.dims;
  const width = shape.reduce((product, dim) => product * dim, 1);
  const labels = await streamOf(source, "arr_1");
  if (labels && (labels.type !== "int64" || labels.dims.length !== 1 || labels.dims[0] !== count))
    throw new SyntaxError(`its arr_1 is no list of ${count} labels of type int64`);
  return {
    count,
    labels: labels && (await numbersOf(labels.read())),
    async *batches(size) {
      const most = size * width;
      let [batch, filled] = [new Uint8Array(most), 0];
      for await (let piece of pictures.read())
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

async function numbersOf(pieces: AsyncIterable<Uint8Array>): Promise<number[]> {
  const bytes: Uint8Array[] = [];
  for await (const piece of pieces) bytes.push(Uint8Array.from(piece));
  const all = Uint8Array.from(Buffer.concat(bytes));
  return [...new BigInt64Array(all.buffer)].map(Number);
}
