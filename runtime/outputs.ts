/**
 * What a run leaves behind: a PNG for each picture, with the graph inside, and one NPZ a node, made when its last
 * batch is in, with the graph beside its arrays. Names are made here: a graph gives a stem at most, never a path.
 */
import type { Context, Labels, OutputEvent, Preview } from "../nodes/index.ts";
import { encodePng, graphKeyword, type NpzStream, npzPieces, textChunk, withText } from "./codecs/index.ts";
import type { Numbers, Spool, Store } from "./store.ts";

/** A disk is told to write so many files at a time: it is as soon done with them as with one. */
const savedAtOnce = 16;

/** Samples by their numbers in the whole run: from the first to before the last. */
export interface SampleRange {
  readonly from: number;
  readonly to: number;
}

export type RunOutputs = (
  path: string,
  batch: Context["batch"],
  emit: (event: OutputEvent | Preview) => void,
) => Context["outputs"];

/** The outputs of one run. `graph` is the document as it runs, in JSON; of a `range`, what lies outside is not kept. */
export function runOutputs(store: Store, graph: string, range?: SampleRange): RunOutputs {
  let carried: ReturnType<typeof textChunk> | undefined;
  const names = new Names();
  const rows = new Map<string, Promise<Rows>>();
  const numbers = new Map<string, Promise<Numbers>>();
  return (path, batch, emit) => ({
    preview: (shown) => emit({ type: "preview", path, pictures: shown }),
    async png(stem, { dims, data }) {
      const base = names.of(path, safeStem(stem), ".png");
      const numbered =
        numbers.get(path) ?? store.numbers(base, range?.from ?? 0, range?.to ?? Number.POSITIVE_INFINITY);
      numbers.set(path, numbered);
      carried ??= textChunk(graphKeyword, graph);
      const carries = carried;
      const [begin, end] = within(range, batch.index, dims[0]);
      const first = (await numbered).take(end - begin, batch.index);
      for (let i = begin; i < end; i += savedAtOnce) {
        const files = Array.from({ length: Math.min(savedAtOnce, end - i) }, (_, k) => {
          const name = `${base}-${String(first + i - begin + k).padStart(4, "0")}.png`;
          return { name, sha256: store.save(name, withText(encodePng({ dims, data }, i + k), carries)) };
        });
        await Promise.allSettled(files.map(({ sha256 }) => sha256));
        for (const { name, sha256 } of files)
          emit({ type: "output", path, name, mime: "image/png", sha256: await sha256 });
      }
    },
    async npz({ dims, data }, labels, limit) {
      const opened = rows.get(path) ?? Rows.open(store, path, dims.slice(1));
      rows.set(path, opened);
      const collected = await opened;
      const [begin, end] = within(range, batch.index, dims[0]);
      const width = data.length / dims[0];
      await collected.add(
        { dims: [end - begin, ...dims.slice(1)], data: data.subarray(begin * width, end * width) },
        labels && { ...labels, values: labels.values.slice(begin, end) },
        batch.index,
      );
      if (batch.index + 1 < batch.count) return;
      const { shape, arrays } = collected.file(range ? 0 : limit);
      const from = range?.from ?? 0;
      const stem = `samples_${shape.join("x")}${range ? `_from_${from}` : ""}`;
      const name = await store.free(names.of(path, stem, ".npz"), ".npz");
      const about = `{"samples":[${from},${from + shape[0]}],"graph":${graph}}`;
      const sha256 = await store.save(name, npzPieces(arrays, { [graphKeyword]: about }));
      emit({ type: "output", path, name, mime: "application/octet-stream", sha256 });
    },
  });
}

/** Which of a batch's samples are in the range: from the first to before the last. Batches are alike in size. */
function within(range: SampleRange | undefined, batch: number, size: number): readonly [begin: number, end: number] {
  if (!range) return [0, size];
  const at = (sample: number) => Math.min(size, Math.max(0, sample - batch * size));
  return [at(range.from), at(range.to)];
}

/** Batches of pictures on their way into one file. */
class Rows {
  readonly #dims: readonly number[];
  readonly #pictures: Spool;
  readonly #labels: Spool;

  private constructor(dims: readonly number[], pictures: Spool, labels: Spool) {
    this.#dims = dims;
    this.#pictures = pictures;
    this.#labels = labels;
  }

  static async open(store: Store, path: string, dims: readonly number[]): Promise<Rows> {
    const of = (what: string) => store.spool(`${path.replaceAll("/", "-")}.${what}`);
    return new Rows(dims, await of("arr_0"), await of("arr_1"));
  }

  async add(
    { dims: [, ...dims], data }: { readonly dims: readonly number[]; readonly data: Uint8Array },
    labels: Labels | undefined,
    batch: number,
  ): Promise<void> {
    if (dims.join("×") !== this.#dims.join("×"))
      throw new RangeError(`Cannot save pictures of ${dims.join("×")} beside pictures of ${this.#dims.join("×")}`);
    await this.#pictures.append(data, batch);
    if (labels) await this.#labels.append(new Uint8Array(BigInt64Array.from(labels.values, BigInt).buffer), batch);
  }

  /** As classifier_sample.py writes it: `arr_0` uint8 N×H×W×C, `arr_1` int64 N, the first `limit` of them (0: all). */
  file(limit: number): { shape: readonly number[]; arrays: Readonly<Record<string, NpzStream>> } {
    const width = this.#dims.reduce((product, dim) => product * dim, 1);
    const most = (count: number) => (limit > 0 ? Math.min(limit, count) : count);
    const shape = [most(this.#pictures.bytes / width), ...this.#dims];
    const labels = most(this.#labels.bytes / 8);
    return {
      shape,
      arrays: {
        arr_0: { type: "uint8", dims: shape, read: () => this.#pictures.read(shape[0] * width) },
        ...(labels > 0 && {
          arr_1: { type: "int64", dims: [labels], read: () => this.#labels.read(labels * 8) } satisfies NpzStream,
        }),
      },
    };
  }
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
