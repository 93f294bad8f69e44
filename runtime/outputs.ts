/**
 * What a run leaves behind: a PNG for each picture, with the graph inside, and one NPZ (or NPY) a node, made when all batches
 * are in; the NPZ has the graph beside its arrays. What measures say of all batches is told then too. Names are made here: a graph gives a stem at most, never a path.
 */
import {
  type Context,
  GraphError,
  type MeasuredRows,
  type NumbersEvent,
  type OutputEvent,
  type Preview,
  safeStem,
  type TensorFile,
  type Numbers as Told,
} from "../nodes/index.ts";
import { toFloat32Bytes, toHalfBytes } from "../onnx/index.ts";
import { aboutSamples, type SampleRange } from "./about-samples.ts";
import { encodePng, graphKeyword, type NpyType, npyPieces, npzPieces, textChunk, withText } from "./codecs/index.ts";
import { concluded, type Measure, measure, type Open } from "./measured-rows.ts";
import type { ComputedIn } from "./models/precision.ts";
import { Rows } from "./rows.ts";
import type { Gathered, Numbers, Place, Store } from "./store.ts";

/** A disk is told to write so many files at a time: it is as soon done with them as with one. */
const savedAtOnce = 16;

type Emit = (event: OutputEvent | Preview) => void;

export interface RunOutputs {
  /** What the node at `path` saves and shows in one batch. */
  of(path: string, batch: Context["batch"], emit: Emit): Context["outputs"];
  /** Makes the files that hold all batches, when the last is done, and tells what was measured of them. */
  finish(emit: (event: OutputEvent | NumbersEvent) => void): Promise<void>;
}

export interface RunOutputOptions {
  /** What lies outside is not kept. */
  readonly range?: SampleRange | undefined;
  /** How many samples a batch of this node has, where all have as many: then each has its place, whoever draws it when. */
  readonly each?: (path: string) => number | undefined;
  /** How the measure at a node concludes from the rows of all batches. */
  readonly conclude?: (path: string) => ((rows: MeasuredRows) => Promise<Told>) | undefined;
  /** In which precision the pictures of all batches were computed; absent: in float32. */
  readonly computedIn?: () => Promise<ComputedIn>;
}

/** The outputs of one run. `graph` is the document as it runs, in JSON. */
export function runOutputs(store: Store, graph: string, options: RunOutputOptions = {}): RunOutputs {
  const { range, each = () => undefined, conclude = () => undefined, computedIn = async () => "float32" } = options;
  let carried: ReturnType<typeof textChunk> | undefined;
  const names = new Names();
  const rows = new Map<string, Promise<Rows>>();
  const numbers = new Map<string, Promise<Numbers>>();
  const measures = new Map<string, Measure>();
  const rowsOf = (path: string, array: string, type: NpyType, dims: readonly number[]): Promise<Rows> => {
    const name = `${path.replaceAll("/", "-")}.${array}`;
    const opened = rows.get(name) ?? Rows.open(store, name, type, dims);
    rows.set(name, opened);
    return opened;
  };
  const measuredAt =
    (path: string): Open =>
    (array, type, dims) =>
      rowsOf(path, array, type, dims);
  /** Of `size` samples of a batch: which are kept, and where they belong among all that are. */
  const placed = (path: string, batch: number, size: number): Placed => {
    const known = each(path);
    if (known !== undefined && known !== size)
      throw new RangeError(`Cannot save ${size} samples of batch ${batch}: its graph makes ${known} a batch`);
    const [begin, end] = within(range, batch, size);
    const at = known === undefined ? undefined : Math.max(0, batch * size - (range?.from ?? 0));
    return { begin, end, place: { batch, at } };
  };
  return {
    of: (path, batch, emit) => ({
      preview: (shown) => emit({ type: "preview", path, pictures: shown }),
      async png(stem, { dims, data }) {
        const base = names.of(path, safeStem(stem), ".png");
        const { from = 0, to = Number.POSITIVE_INFINITY } = range ?? {};
        const size = each(path);
        const count = range ? to - from : size && size * batch.count;
        const numbered = numbers.get(path) ?? store.numbers(base, from, to, count);
        numbers.set(path, numbered);
        carried ??= textChunk(graphKeyword, graph);
        const carries = carried;
        const { begin, end, place } = placed(path, batch.index, dims[0]);
        const first = (await numbered).take(end - begin, place);
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
        const what: Gathered = { type: "uint8", dims: dims.slice(1), limit, format: "npz" };
        if (!store.gathered.has(path)) store.gathered.set(path, what);
        const { begin, end, place } = placed(path, batch.index, dims[0]);
        const width = data.length / dims[0];
        const pictures = await rowsOf(path, "arr_0", "uint8", dims.slice(1));
        await pictures.add(data.subarray(begin * width, end * width), dims.slice(1), place);
        const classes = await rowsOf(path, "arr_1", "int64", []);
        if (labels) await classes.add(int64(labels.values.slice(begin, end)), [], place);
      },
      async tensor(stem, { dims, data }, { format, type }) {
        const what: Gathered = { type, dims: dims.slice(1), limit: 0, format, stem: safeStem(stem) };
        if (!store.gathered.has(path)) store.gathered.set(path, what);
        const { begin, end, place } = placed(path, batch.index, dims[0]);
        const width = data.length / dims[0];
        const rows = await rowsOf(path, "arr_0", type, dims.slice(1));
        await rows.add(asStored(data.subarray(begin * width, end * width), type), dims.slice(1), place);
      },
      async measure(rows, beside) {
        const known = measures.get(path) ?? measure(measuredAt(path), beside);
        measures.set(path, known);
        store.gathered.set(path, await known.keep(rows, placed(path, batch.index, rows.dims[0])));
      },
    }),
    async finish(emit) {
      const all = [...store.gathered];
      for (const [path, what] of all) if (what.format !== "numbers") await gather(path, what, emit).catch(at(path));
      // A measure that fails must cost nobody the files.
      for (const [path, what] of all) if (what.format === "numbers") await tell(path, what, emit).catch(at(path));
    },
  };

  async function tell(path: string, what: Gathered, emit: (event: NumbersEvent) => void): Promise<void> {
    const how = conclude(path);
    if (!how) throw new Error("Its graph has no measure there");
    emit(await concluded(path, what, measuredAt(path), how));
  }

  async function gather(path: string, what: Gathered, emit: (event: OutputEvent) => void): Promise<void> {
    const { type, dims, limit, format, stem } = what;
    const most = range ? 0 : limit;
    const arr_0 = await (await rowsOf(path, "arr_0", type, dims)).array(most);
    const arr_1 = await (await rowsOf(path, "arr_1", "int64", [])).array(most);
    const from = range?.from ?? 0;
    const called = stem ?? `samples_${arr_0.dims.join("x")}`;
    const part = range ? `${called}_from_${from}` : called;
    const name = await store.free(names.of(path, part, `.${format}`), `.${format}`);
    const samples = { from, to: from + arr_0.dims[0] };
    const about = aboutSamples({ samples, computedIn: await computedIn(), graph });
    const arrays = { arr_0, ...(arr_1.dims[0] > 0 && { arr_1 }) };
    const pieces = format === "npy" ? npyPieces(arr_0) : npzPieces(arrays, { [graphKeyword]: about });
    emit({ type: "output", path, name, mime: "application/octet-stream", sha256: await store.save(name, pieces) });
  }
}

/** Which samples of a batch are kept, from the first to before the last, and where they belong. */
interface Placed {
  readonly begin: number;
  readonly end: number;
  readonly place: Place;
}

/** What failed, as the error of a node. */
const at =
  (path: string) =>
  (error: unknown): never => {
    throw new GraphError(error instanceof Error ? error.message : String(error), undefined, path);
  };

const int64 = (values: readonly number[]): Uint8Array => new Uint8Array(BigInt64Array.from(values, BigInt).buffer);

/** The largest value of float16 that float32 has, and half a step more: what is beyond rounds to infinity. */
const beyondHalf = 65_520;

/** Throws a RangeError for a number that the type has not. */
function asStored(values: Float32Array, type: TensorFile["type"]): Uint8Array {
  if (type === "float32") return toFloat32Bytes(values);
  const beyond = values.find((value) => Number.isFinite(value) && Math.abs(value) >= beyondHalf);
  if (beyond !== undefined)
    throw new RangeError(`Cannot save ${beyond} as float16, which goes to 65504: save float32, or scale it first`);
  return toHalfBytes(values);
}

/** Which of a batch's samples are in the range: from the first to before the last. Batches are alike in size. */
function within(range: SampleRange | undefined, batch: number, size: number): readonly [begin: number, end: number] {
  if (!range) return [0, size];
  const at = (sample: number) => Math.min(size, Math.max(0, sample - batch * size));
  return [at(range.from), at(range.to)];
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
