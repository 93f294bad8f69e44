/**
 * What nodes draw on: operators that they add, and networks that they call by name and shape alone, so that drawing reads no
 * weights; they are put in when the graph is built.
 */
import type { Mixed, Step, Tensor } from "../../diffusion/index.ts";
import type { Drawing, DrawnImage, Given, Value } from "../../nodes/index.ts";
import { type Call, type Dim, Draft, type GraphBuilder, type OnnxGraph, sizeAt } from "../../onnx/index.ts";
import { type Called, calledKey, type Made } from "../models/composition.ts";
import { drawnPictures } from "./pictures.ts";
import { piecewise } from "./piecewise.ts";

/** The name of the batch's dimension. */
export const batchDim = "N";
/** Names of what is drawn in a Differentiate begin with it. */
export const drawnWord = "n";

export class Sheet<Part extends Called | Made = Called | Made> implements Drawing {
  readonly op: GraphBuilder;
  readonly calls: Call[] = [];
  /** By what the calls name them. */
  readonly networks = new Map<string, Part>();
  readonly #batch: number;
  readonly #draft: Draft;
  readonly #word: string;

  /** For a batch of so many samples, as far as that matters. Names of its values begin with `word`. */
  constructor(word: string, batch: number) {
    this.#batch = batch;
    this.#word = word;
    this.#draft = new Draft({ name: "drawn", nodes: [], inputs: [], outputs: [], initializers: new Map() }, word);
    this.op = this.#draft.op;
  }

  readonly facts = (value: Value) => this.#draft.facts(value);

  readonly shape = (value: Value): readonly Dim[] => {
    const dims = this.#draft.shape(value);
    if (!dims) throw new RangeError("the shape of what enters it is not known before it runs");
    return dims;
  };

  samples(value: Value, _why?: string): number {
    const [first] = this.shape(value);
    const count = sizeAt(first, (name) => (name === batchDim ? this.#batch : Number.NaN));
    if (Number.isNaN(count)) throw new RangeError("how many samples it is of is not known before it runs");
    return count;
  }

  readonly constant = ({ dims, data }: Tensor): Value => this.op.float([...data], dims);

  readonly mix = ({ coefficients }: Mixed, x: Value, y: Value, step: Given<Step>): Value => {
    const { op } = this;
    const [a, b] = ([0, 1] as const).map((i) => step.number(({ at }) => coefficients(at)[i]));
    return op.Add(op.Mul(x, a), op.Mul(y, b));
  };

  /** What it hides is seen where a drawing is run (`unseen.ts`). */
  readonly clip = (x: Value, low: Value | number, high: Value | number): Value => this.clipped(x, low, high);

  protected clipped(x: Value, low: Value | number, high: Value | number): Value {
    return this.op.Clip(x, low, high);
  }

  readonly image = (x: Value): DrawnImage => drawnPictures(this.op, this.shape(x), x);

  /** Calls a network: what it gives under `output`, of these dimensions, the first of which is as that of its x. */
  call(called: Called, inputs: ReadonlyMap<string, Value>, output: string, dims: readonly Dim[] | undefined): Value {
    const { batch: size, roles, label, about } = called.network;
    const x = inputs.get(roles.x.name)!;
    const count = size === undefined ? undefined : this.samples(x, `“${about.file}” takes ${size} at a time`);
    if (size === undefined || count === undefined || count === size) return this.#once(called, inputs, output, dims);
    const piece = dims && [size, ...dims.slice(1)];
    return piecewise(this, inputs, x, { count, size, label }, (inputs) => this.#once(called, inputs, output, piece));
  }

  #once(called: Called, inputs: ReadonlyMap<string, Value>, output: string, dims: readonly Dim[] | undefined): Value {
    // Sizes that the network has names for are its own.
    const own = dims?.map((dim, axis) => (typeof dim === "number" || axis === 0 ? dim : `${this.#called}.${axis}`));
    const [value] = this.callPart(calledKey(called), called as Part, inputs, new Map([[output, own]]));
    return value;
  }

  /** What a network, or something made of several, gives, by its outputs and their dimensions, in the names of this sheet. */
  callPart(
    key: string,
    part: Part,
    inputs: ReadonlyMap<string, Value>,
    outputs: ReadonlyMap<string, readonly Dim[] | undefined>,
  ): Value[] {
    const name = this.#called;
    const names = [...outputs.keys()].map((output, i) => [output, outputs.size === 1 ? name : `${name}.${i}`] as const);
    this.networks.set(key, part);
    this.calls.push({ name, at: this.op.nodes.length, network: key, inputs, outputs: new Map(names) });
    return names.map(([output, value]) => this.op.input(value, "float32", outputs.get(output)));
  }

  /** What the next call is called. */
  get #called(): string {
    return `${this.#word}/call${this.calls.length}`;
  }

  graph(outputs: ReadonlyMap<string, Value>): OnnxGraph {
    for (const [name, value] of outputs) this.op.output(name, value, this.#draft.type(value), this.#draft.shape(value));
    return this.#draft.graph(this.op.outputs);
  }
}
