/**
 * What an export draws on: the whole graph, the body of a loop in it, or what a Differentiate holds. A value of a sheet outside
 * is imported: it becomes an input that has its name, which a loop's body captures and a call is given.
 */
import type { Value } from "../nodes/index.ts";
import type { Dim } from "../onnx/index.ts";
import { batchDim, type Called, type Made, Sheet } from "../runtime/index.ts";
import { FixedBatch } from "./fixed-batch.ts";

/** A draw that the body of a loop takes: in each turn a row of the stream. */
export interface Draw {
  readonly value: Value;
  readonly stream: Value;
  readonly rows: readonly number[];
}

export class ExportSheet extends Sheet {
  readonly outside: ExportSheet | undefined;
  /** Values from outside. */
  readonly imports = new Set<Value>();
  /** Of a loop's body that is in no other: the draws that it is given. */
  readonly draws: Draw[] = [];
  /** Of each call of this sheet and of those in it: the path of the node that makes it. */
  readonly callers: Map<string, string>;
  readonly #batch: number | undefined;
  /** Tables that it has, by their content. */
  readonly tables = new Map<string, Value>();
  #counted: Value | undefined;
  #counting: (() => unknown) | undefined;
  #count: Value | undefined;

  /** `batch`: how many samples there are, where any number will not do. */
  constructor(
    readonly word: string,
    samples: number,
    batch: number | undefined,
    outside?: ExportSheet,
  ) {
    super(word, samples);
    this.#batch = batch;
    this.outside = outside;
    this.callers = outside?.callers ?? new Map();
  }

  override callPart(
    key: string,
    part: Called | Made,
    inputs: ReadonlyMap<string, Value>,
    outputs: ReadonlyMap<string, readonly Dim[] | undefined>,
  ): Value[] {
    const values = super.callPart(key, part, inputs, outputs);
    if (this.op.scope !== "") this.callers.set(this.calls.at(-1)!.name, this.op.scope);
    return values;
  }

  /** Nobody looks at what is exported while it runs: x − x is 0, and NaN of NaN and infinity. */
  protected override clipped(x: Value, low: Value | number, high: Value | number): Value {
    return this.op.Add(super.clipped(x, low, high), this.op.Sub(x, x));
  }

  override samples(value: Value, why?: string): number {
    if (this.#batch === undefined && typeof this.shape(value)[0] !== "number") throw new FixedBatch(why);
    return super.samples(value, why);
  }

  /** A value of this sheet, or of one around it. */
  import(value: Value, from: ExportSheet): Value {
    if (from === this || this.imports.has(value)) return value;
    if (!this.outside) throw new RangeError("a value of a loop is read outside of it");
    this.outside.import(value, from);
    const { type = "float32", dims } = this.outside.facts(value) ?? {};
    this.op.input(value, type, dims);
    this.imports.add(value);
    return value;
  }

  /** An input or import that has a row a sample tells how many there are. */
  counts(value: Value): void {
    if (this.facts(value)?.dims?.[0] === batchDim) this.#counted ??= value;
  }

  /** What lets in a value that tells, where none has been asked for yet. */
  countBy(enter: () => unknown): void {
    this.#counting ??= enter;
  }

  /** How many samples there are: one int64 in a list. */
  count(): Value {
    const { op } = this;
    if (this.#counted === undefined) this.#counting?.();
    this.#count ??=
      this.#batch !== undefined
        ? op.int64([this.#batch])
        : this.#counted !== undefined
          ? op.Gather(op.Shape(this.#counted), op.int64([0]))
          : this.import(this.outside!.count(), this.outside!);
    return this.#count;
  }

  /** Dimensions as they are declared: of so many samples, by the batch's name. */
  dimsOf([first, ...rest]: readonly number[], samples: number): Dim[] {
    return first === samples && this.#batch === undefined ? [batchDim, ...rest] : [first, ...rest];
  }

  /** Labels for the samples of a value: where there are batches of several sizes, a single one is that of each sample of any. */
  labelsFor(labels: Value, of: Value | undefined): Value {
    const [[count], [batch]] = [this.shape(labels), of === undefined ? [] : this.shape(of)];
    return count === 1 && typeof batch === "number" ? this.op.Expand(labels, this.op.int64([batch])) : labels;
  }

  /** Zeros, where all but the first dimension are known; of another number of samples than the graph has, where all are. */
  zeros([first, ...rest]: readonly Dim[]): Value {
    const { op } = this;
    if (typeof first === "string" && first !== batchDim) throw new FixedBatch();
    const sides = rest.map(Number);
    const shape =
      typeof first === "number" ? op.int64([first, ...sides]) : op.Concat(this.count(), op.int64(sides), { axis: 0 });
    return op.Expand(op.float(0), shape);
  }

  /** A value repeated for each sample; `value` has a single row. */
  repeated(value: Value, dims: readonly number[]): Value {
    const { op } = this;
    const rest = dims.slice(1);
    const shape = rest.length > 0 ? op.Concat(this.count(), op.int64(rest.map(() => 1)), { axis: 0 }) : this.count();
    return op.Expand(value, shape);
  }
}
