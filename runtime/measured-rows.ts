/** Rows of a measure, batch by batch: they lie in a spool until the last is there, and are told to whoever concludes from them. */
import type { Tensor } from "../diffusion/index.ts";
import type { MeasuredRows, NumbersEvent, Numbers as Told } from "../nodes/index.ts";
import { toFloat32Bytes } from "../onnx/index.ts";
import type { Rows } from "./rows.ts";
import type { Gathered, Place } from "./store.ts";

/** Opens the rows of an array of one node. */
export type Open = (array: "arr_0" | "beside", type: "float32" | "float64", dims: readonly number[]) => Promise<Rows>;

export interface Measure {
  /** Keeps the rows from `begin` to before `end`; resolves to what they come to be. */
  keep(rows: Tensor, kept: { readonly begin: number; readonly end: number; readonly place: Place }): Promise<Gathered>;
}

/** `beside`: asked for once, and written where every process that draws writes the same. */
export function measure(open: Open, beside?: () => Promise<Float64Array>): Measure {
  let besides: Promise<number> | undefined;
  const keepBeside = async (batch: number): Promise<number> => {
    const numbers = await beside?.();
    if (!numbers || numbers.length === 0) return 0;
    const dims = [numbers.length];
    const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
    await (await open("beside", "float64", dims)).add(bytes, dims, { batch, at: 0 });
    return numbers.length;
  };
  return {
    async keep({ dims: [count, ...dims], data }, { begin, end, place }) {
      besides ??= keepBeside(place.batch);
      const length = await besides;
      const width = data.length / count;
      const rows = await open("arr_0", "float32", dims);
      await rows.add(toFloat32Bytes(data.subarray(begin * width, end * width)), dims, place);
      return { type: "float32", dims, limit: 0, format: "numbers", beside: length };
    },
  };
}

/** What the rows come to. Throws a RangeError for a number that is none. */
export async function concluded(
  path: string,
  { dims, beside = 0 }: Gathered,
  open: Open,
  conclude: (rows: MeasuredRows) => Promise<Told>,
): Promise<NumbersEvent> {
  const { dims: shape, read } = await (await open("arr_0", "float32", dims)).array();
  const [count] = shape;
  const width = dims.reduce((product, dim) => product * dim, 1);
  const numbers = await conclude({
    count,
    width,
    beside: beside === 0 ? new Float64Array() : await besideOf(open, beside),
    read: () => wholeRows(read(), width),
  });
  for (const [name, { value }] of Object.entries(numbers))
    if (!Number.isFinite(value))
      throw new RangeError(`Its ${name} of ${count} pictures is ${value}, which is no number`);
  return { type: "numbers", path, pictures: count, numbers };
}

async function besideOf(open: Open, length: number): Promise<Float64Array> {
  const { read } = await (await open("beside", "float64", [length])).array(1);
  const bytes = new Uint8Array(length * Float64Array.BYTES_PER_ELEMENT);
  let at = 0;
  for await (const piece of read()) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return new Float64Array(bytes.buffer);
}

/** Pieces end anywhere, also within a number: what is left of one comes with the next. */
async function* wholeRows(
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  width: number,
): AsyncGenerator<Float32Array> {
  const size = width * Float32Array.BYTES_PER_ELEMENT;
  let left = new Uint8Array();
  for await (const piece of pieces) {
    const all = new Uint8Array(left.length + piece.length);
    all.set(left);
    all.set(piece, left.length);
    const whole = all.length - (all.length % size);
    left = all.slice(whole);
    if (whole > 0) yield new Float32Array(all.buffer, 0, whole / Float32Array.BYTES_PER_ELEMENT);
  }
}
