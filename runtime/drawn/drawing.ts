/** A drawing that is fed: what does not depend on its variable enters it at each run. */
import { Tensor as OrtTensor } from "onnxruntime-common";
import type { Tensor } from "../../diffusion/index.ts";
import type { Given, Value } from "../../nodes/index.ts";
import type { DataType, Dim } from "../../onnx/index.ts";
import type { Called } from "../models/composition.ts";
import { floats } from "../models/feed.ts";
import { batchDim, drawnWord, Sheet } from "./sheet.ts";

/** One run's values, and how many samples they are of. */
export interface Run {
  readonly variable: Tensor;
  readonly outside: readonly unknown[];
  readonly batch: number;
}

export interface Fed {
  readonly name: string;
  feed(run: Run): OrtTensor;
}

type Take<T> = (run: Run) => T;

export class FedSheet extends Sheet<Called> {
  readonly feeds: Fed[] = [];
  /** The values at hand: they have the shapes of all that will be fed. */
  readonly #first: Run;

  constructor(first: Run) {
    super(drawnWord, first.batch);
    this.#first = first;
  }

  /** A tensor that is fed. */
  tensor(of: Take<Tensor>): Value {
    return this.input("float32", this.#dimsOf(of(this.#first).dims), (run) => floats(of(run)));
  }

  input(type: DataType, dims: readonly Dim[], feed: Take<OrtTensor>): Value {
    const name = `in${this.feeds.length}`;
    this.feeds.push({ name, feed });
    return this.op.input(name, type, dims);
  }

  given<T>(of: Take<T>): Given<T> {
    return new Outside(of, this);
  }

  #dimsOf([first, ...rest]: readonly number[]): Dim[] {
    if (first === undefined) return [];
    return [first === this.#first.batch ? batchDim : first, ...rest];
  }
}

/** What is taken of a value from outside. */
class Outside<T> implements Given<T> {
  readonly of: Take<T>;
  readonly #sheet: FedSheet;

  constructor(of: Take<T>, sheet: FedSheet) {
    this.of = of;
    this.#sheet = sheet;
  }

  number(number: (value: T) => number): Value {
    const feed = (run: Run) => new OrtTensor("float32", Float32Array.of(number(this.of(run))), []);
    return this.#sheet.input("float32", [], feed);
  }

  perSample(numbers: (value: T, batch: number) => readonly number[], type: "float32" | "int64"): Value {
    return this.#sheet.input(type, [batchDim], (run) => {
      const list = numbers(this.of(run), run.batch);
      return type === "int64"
        ? new OrtTensor("int64", BigInt64Array.from(list, BigInt), [run.batch])
        : new OrtTensor("float32", Float32Array.from(list), [run.batch]);
    });
  }

  tensor(tensor: (value: T, batch: number) => Tensor): Value {
    return this.#sheet.tensor((run) => tensor(this.of(run), run.batch));
  }

  map<U>(of: (value: T) => U): Given<U> {
    return new Outside((run) => of(this.of(run)), this.#sheet);
  }

  and<U>(other: Given<U>): Given<readonly [T, U]> {
    return new Outside((run) => [this.of(run), inRun(other, run)] as const, this.#sheet);
  }
}

/** The value itself in a run. */
export const inRun = <T>(given: Given<T>, run: Run): T => (given as Outside<T>).of(run);
