/**
 * What a run leaves behind: a PNG for each picture, with the graph inside, and one NPZ a node, written when its last
 * batch is in. Names are made here: a graph gives a stem at most, never a path.
 */
import type { Context, Labels, OutputEvent, Preview } from "../nodes/index.ts";
import { encodePng, graphKeyword, type NpzEntry, textChunk, withText, writeNpz } from "./codecs/index.ts";
import type { Save } from "./models/host.ts";

/** A disk is told to write so many files at a time: it is as soon done with them as with one. */
const savedAtOnce = 16;

export type RunOutputs = (
  path: string,
  batch: Context["batch"],
  emit: (event: OutputEvent | Preview) => void,
) => Context["outputs"];

/** The outputs of one run. `graph` is the document as it runs, in JSON. */
export function runOutputs(save: Save, graph: string): RunOutputs {
  let carried: ReturnType<typeof textChunk> | undefined;
  const names = new Names();
  const rows = new Map<string, Rows>();
  const pictures = new Map<string, number>();
  return (path, batch, emit) => ({
    preview: (shown) => emit({ type: "preview", path, pictures: shown }),
    async png(stem, { dims, data }) {
      const base = names.of(path, safeStem(stem), ".png");
      const first = pictures.get(path) ?? 0;
      pictures.set(path, first + dims[0]);
      carried ??= textChunk(graphKeyword, graph);
      const carries = carried;
      for (let i = 0; i < dims[0]; i += savedAtOnce) {
        const files = Array.from({ length: Math.min(savedAtOnce, dims[0] - i) }, (_, k) => {
          const name = `${base}-${String(first + i + k).padStart(4, "0")}.png`;
          return { name, sha256: save(name, withText(encodePng({ dims, data }, i + k), carries)) };
        });
        await Promise.allSettled(files.map(({ sha256 }) => sha256));
        for (const { name, sha256 } of files)
          emit({ type: "output", path, name, mime: "image/png", sha256: await sha256 });
      }
    },
    async npz(shown, labels, limit) {
      const collected = rows.get(path) ?? new Rows(shown.dims.slice(1));
      rows.set(path, collected);
      collected.add(shown.data, shown.dims, labels);
      if (batch.index + 1 < batch.count) return;
      const [shape, pieces] = collected.file(limit);
      const name = `${names.of(path, `samples_${shape.join("x")}`, ".npz")}.npz`;
      emit({ type: "output", path, name, mime: "application/octet-stream", sha256: await save(name, pieces) });
    },
  });
}

/** Batches of pictures on their way into one file. */
class Rows {
  readonly #dims: readonly number[];
  readonly #chunks: Uint8Array[] = [];
  readonly #labels: number[] = [];
  #count = 0;

  constructor(dims: readonly number[]) {
    this.#dims = dims;
  }

  add(data: Uint8Array, [count, ...dims]: readonly number[], labels: Labels | undefined): void {
    if (dims.join("×") !== this.#dims.join("×"))
      throw new RangeError(`Cannot save pictures of ${dims.join("×")} beside pictures of ${this.#dims.join("×")}`);
    this.#chunks.push(data);
    this.#count += count;
    if (labels) this.#labels.push(...labels.values);
  }

  /** As classifier_sample.py writes it: `arr_0` uint8 N×H×W×C, `arr_1` int64 N, the first `limit` of them (0: all). */
  file(limit: number): [shape: readonly number[], pieces: Uint8Array[]] {
    const count = limit > 0 ? Math.min(limit, this.#count) : this.#count;
    const dims = [count, ...this.#dims];
    const arrays: Record<string, NpzEntry> = {
      arr_0: {
        type: "uint8",
        dims,
        chunks: cut(
          this.#chunks,
          dims.reduce((product, dim) => product * dim, 1),
        ),
      },
    };
    if (this.#labels.length > 0) {
      const labels = BigInt64Array.from(this.#labels.slice(0, count), BigInt);
      arrays.arr_1 = { type: "int64", dims: [labels.length], chunks: [new Uint8Array(labels.buffer)] };
    }
    return [dims, writeNpz(arrays)];
  }
}

/** The first `length` bytes of the pieces. */
function cut(chunks: readonly Uint8Array[], length: number): Uint8Array[] {
  const kept: Uint8Array[] = [];
  for (const chunk of chunks) {
    if (length > 0) kept.push(chunk.subarray(0, length));
    length -= Math.min(length, chunk.length);
  }
  return kept;
}

/** Two nodes may choose one name: the second gets a number. */
class Names {
  readonly #taken = new Map<string, string>();

  of(path: string, base: string, extension: string): string {
    for (let n = 1; ; n++) {
      const name = n === 1 ? base : `${base}-${n}`;
      const owner = this.#taken.get(name + extension) ?? path;
      if (owner !== path) continue;
      this.#taken.set(name + extension, path);
      return name;
    }
  }
}

/** What is left of a name from a graph that every file system takes: no folder, no dot in front, no device of Windows. */
export function safeStem(stem: string): string {
  const plain = stem
    .replace(/[^\p{L}\p{N} _.-]/gu, "_")
    .replace(/^[\s.]+|[\s.]+$/g, "")
    .slice(0, 80);
  if (plain === "") return "picture";
  return /^(con|prn|aux|nul|com\d|lpt\d)$/i.test(plain.split(".")[0]) ? `_${plain}` : plain;
}
