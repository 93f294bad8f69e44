/** What is known of each step, as nodes see it that are drawn: their numbers become tables with a row a step. */
import type { Tensor } from "../diffusion/index.ts";
import type { Given, Value } from "../nodes/index.ts";
import { FixedBatch } from "./fixed-batch.ts";
import { constantOf, type Frame, hole, type Known, made } from "./frame.ts";
import type { ExportSheet } from "./sheet.ts";

export interface Samples {
  /** How many there are in the graph at hand. */
  readonly count: number;
  /** Whether any other number will do. */
  readonly isOpen: boolean;
  /** Why no other number will do. */
  readonly why?: string;
  /** Whether there are batches of several sizes, draws of samples beside samples; then `count` is the largest. */
  readonly isMixed?: boolean;
}

export class Tabled<T> implements Given<T> {
  readonly #known: Known<T>;

  /** `computed` is told when anything is made of the value. */
  constructor(
    known: Known<T>,
    readonly outermost: Frame,
    readonly sheet: ExportSheet,
    readonly samples: Samples,
    readonly computed?: () => void,
  ) {
    this.#known = known;
  }

  get known(): Known<T> {
    this.computed?.();
    return this.#known;
  }

  /** The same on another sheet. */
  on(sheet: ExportSheet): Tabled<T> {
    return new Tabled(this.#known, this.outermost, sheet, this.samples, this.computed);
  }

  number(of: (value: T) => number): Value {
    return this.#rows((value) => Float32Array.of(of(value)), []);
  }

  perSample(of: (value: T, batch: number) => readonly number[], type: "float32" | "int64"): Value {
    const { op } = this.sheet;
    const each = this.#shared((value) => ({
      dims: [this.samples.count],
      data: Float32Array.from(of(value, this.samples.count)),
    }));
    return type === "float32" ? each : op.Cast(each, { to: "int64" });
  }

  tensor(of: (value: T, batch: number) => Tensor): Value {
    return this.#shared((value) => of(value, this.samples.count));
  }

  map<U>(of: (value: T) => U): Tabled<U> {
    const known = made([this.known], this.outermost, ([value]) => of(value as T));
    return new Tabled(known, this.outermost, this.sheet, this.samples);
  }

  and<U>(other: Given<U>): Tabled<readonly [T, U]> {
    const inputs = [this.known, (other as Tabled<U>).known];
    const known = made(inputs, this.outermost, ([a, b]) => [a, b] as readonly [T, U]);
    return new Tabled(known, this.outermost, this.sheet, this.samples);
  }

  /** The value of all steps; undefined where they differ. */
  get constant(): T | undefined {
    return constantOf(this.known);
  }

  /** One row of tensors whose samples are alike is kept, and repeated. */
  #shared(of: (value: T) => Tensor): Value {
    const { count, isOpen } = this.samples;
    const tensors = this.#each(of);
    const { dims } = tensors.find((tensor) => tensor !== hole) as Tensor;
    const isEach = dims[0] === count;
    const size = dims.slice(1).reduce((a, b) => a * b, 1);
    const isAlike = tensors.every(
      (tensor) => tensor === hole || tensor.data.every((value, i) => Object.is(value, tensor.data[i % size])),
    );
    if (!isEach || (!isAlike && !isOpen)) return this.#rows((_, k) => (tensors[k] as Tensor).data, dims);
    if (!isAlike) throw new FixedBatch();
    const one = this.#rows((_, k) => (tensors[k] as Tensor).data.subarray(0, size), [1, ...dims.slice(1)]);
    return this.sheet.repeated(one, dims);
  }

  #rows(of: (value: T, k: number) => Float32Array, dims: readonly number[]): Value {
    const { values, frame } = this.known;
    const size = dims.reduce((a, b) => a * b, 1);
    const rows = values.map((value, k) => (value === hole ? new Float32Array(size) : of(value, k)));
    return frame.row(this.sheet, rows, dims);
  }

  /** Made once of equal values. */
  #each<U>(of: (value: T) => U): readonly (U | typeof hole)[] {
    return made([this.known], this.outermost, ([value]) => of(value as T)).values;
  }
}
