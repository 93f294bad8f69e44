/**
 * A graph as it is drawn: operators that nodes add, networks that they call, and what must be fed to it at each run. Networks
 * are called by name and shape alone, so that drawing reads no weights; they are put in when the graph is built.
 */
import { Tensor as OrtTensor } from "onnxruntime-common";
import type { Mixed, Step, Tensor } from "../../diffusion/index.ts";
import { type Drawing, type Given, GraphError, type Value } from "../../nodes/index.ts";
import { type Call, type DataType, type Dim, Draft, type GraphBuilder, type OnnxGraph } from "../../onnx/index.ts";
import { floats } from "../models/feed.ts";
import type { Called } from "../models/networks.ts";

/** The name of the batch's dimension. */
const batchDim = "N";

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

export class Sheet implements Drawing {
  readonly op: GraphBuilder;
  readonly calls: Call[] = [];
  readonly networks = new Map<string, Called>();
  readonly feeds: Fed[] = [];
  readonly #draft: Draft;
  /** The values at hand: they have the shapes of all that will be fed. */
  readonly #first: Run;

  constructor(first: Run) {
    this.#first = first;
    this.#draft = new Draft({ name: "drawn", nodes: [], inputs: [], outputs: [], initializers: new Map() }, "n");
    this.op = this.#draft.op;
  }

  readonly shape = (value: Value): readonly Dim[] => {
    const dims = this.#draft.shape(value);
    if (!dims) throw new RangeError("the shape of what enters it is not known before it runs");
    return dims;
  };

  readonly constant = ({ dims, data }: Tensor): Value => this.op.float([...data], dims);

  readonly mix = ({ coefficients }: Mixed, x: Value, y: Value, step: Given<Step>): Value => {
    const { op } = this;
    const [a, b] = ([0, 1] as const).map((i) => step.number(({ at }) => coefficients(at)[i]));
    return op.Add(op.Mul(x, a), op.Mul(y, b));
  };

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

  /** Calls a network: what it gives under `output`, of these dimensions. */
  call(called: Called, inputs: ReadonlyMap<string, Value>, output: string, dims: readonly Dim[] | undefined): Value {
    const { network, use } = called;
    const { batch } = this.#first;
    if (network.batch !== undefined && network.batch !== batch)
      throw new GraphError(
        `${network.label} takes ${network.batch} samples at a time, so it is differentiated in batches of ${network.batch}, not of ${batch}`,
      );
    const key = `${use} ${network.facts.content}`;
    const name = `call${this.calls.length}`;
    this.networks.set(key, called);
    this.calls.push({
      ...{ name, at: this.op.nodes.length, network: key },
      ...{ inputs, outputs: new Map([[output, name]]) },
    });
    return this.op.input(
      name,
      "float32",
      dims?.map((dim, axis) => (typeof dim === "number" ? dim : axis === 0 ? batchDim : `${name}.${axis}`)),
    );
  }

  graph(outputs: ReadonlyMap<string, Value>): OnnxGraph {
    for (const [name, value] of outputs) this.op.output(name, value, "float32", this.#draft.shape(value));
    return this.#draft.graph(this.op.outputs);
  }

  #dimsOf([first, ...rest]: readonly number[]): Dim[] {
    if (first === undefined) return [];
    return [first === this.#first.batch ? batchDim : first, ...rest];
  }
}

/** What is taken of a value from outside. */
class Outside<T> implements Given<T> {
  readonly of: Take<T>;
  readonly #sheet: Sheet;

  constructor(of: Take<T>, sheet: Sheet) {
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
