/** The machine that a pickle is a program for. */
import { escaped } from "../source.ts";
import { CheckpointError } from "./error.ts";
import { Dict, Maker, Opaque, Tuple } from "./pickle-values.ts";

// Bounds against bombs, far above real files (see pickle.ts).
const maxObjects = 250_000;
const maxMemo = 500_000;
const maxMarks = 1_000;

export interface UnpicklerOptions {
  /** What stands for a global. Throws a CheckpointError when it is not allowed. */
  readonly findGlobal: (module: string, name: string) => unknown;
  /** What stands for a persistent id. By default there are none. */
  readonly load?: (id: unknown) => unknown;
}

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** Stack, marks and memo of one pickle, and what operations do with them. Throws a CheckpointError. */
export class PickleMachine {
  at = 0;
  stopped = false;
  stack: unknown[] = [];
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #below: unknown[][] = [];
  readonly #memo = new Map<number, unknown>();
  #objects = 0;

  constructor(
    bytes: Uint8Array,
    readonly options: UnpicklerOptions,
  ) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Moves past `length` bytes and returns where they begin. */
  #skip(length: number): number {
    if (length > this.#bytes.length - this.at)
      throw new CheckpointError("its pickle ends in the middle: the file is truncated or damaged");
    const start = this.at;
    this.at += length;
    return start;
  }

  byte = (): number => this.#bytes[this.#skip(1)];
  uint16 = (): number => this.#view.getUint16(this.#skip(2), true);
  int32 = (): number => this.#view.getInt32(this.#skip(4), true);
  uint32 = (): number => this.#view.getUint32(this.#skip(4), true);
  float64 = (): number => this.#view.getFloat64(this.#skip(8), false);
  uint64(): number {
    const value = this.#view.getBigUint64(this.#skip(8), true);
    return value > BigInt(this.#bytes.length) ? this.#bytes.length + 1 : Number(value);
  }

  take(length: number): Uint8Array {
    const start = this.#skip(length);
    return this.#bytes.subarray(start, start + length);
  }

  text(length: number): string {
    return utf8.decode(this.take(length));
  }

  /** A line of protocol 0, without its end. */
  line(): string {
    const end = this.#bytes.indexOf(10, this.at);
    const length = (end < 0 ? this.#bytes.length : end) - this.at;
    const line = this.text(length);
    this.#skip(1);
    return line;
  }

  push(value: unknown): void {
    this.stack.push(value);
  }

  /** Counts what takes memory. */
  make<T>(value: T): T {
    if (++this.#objects > maxObjects) throw new CheckpointError(`its pickle makes more than ${maxObjects} objects`);
    return value;
  }

  pop(): unknown {
    if (this.stack.length === 0) throw new CheckpointError("its pickle is damaged: it takes more values than it made");
    return this.stack.pop();
  }

  top(): unknown {
    if (this.stack.length === 0) throw new CheckpointError("its pickle is damaged: it takes more values than it made");
    return this.stack.at(-1);
  }

  mark(): void {
    if (this.#below.length === maxMarks) throw new CheckpointError(`its pickle nests more than ${maxMarks} deep`);
    this.#below.push(this.stack);
    this.stack = [];
  }

  /** The values since the last mark. */
  popMark(): unknown[] {
    const below = this.#below.pop();
    if (!below) throw new CheckpointError("its pickle is damaged: it takes more marks than it made");
    const values = this.stack;
    this.stack = below;
    return values;
  }

  remember(index = this.#memo.size): void {
    if (this.#memo.size === maxMemo) throw new CheckpointError(`its pickle keeps more than ${maxMemo} values`);
    this.#memo.set(index, this.top());
  }

  recall(index: number): void {
    if (!this.#memo.has(index))
      throw new CheckpointError(`its pickle is damaged: it recalls ${index}, which it never kept`);
    this.stack.push(this.#memo.get(index));
  }

  global(module: unknown, name: unknown): void {
    if (typeof module !== "string" || typeof name !== "string")
      throw new CheckpointError("its pickle names a global by something else than text");
    this.stack.push(this.make(this.options.findGlobal(module, name)));
  }

  persistent(id: unknown): void {
    if (!this.options.load) throw new CheckpointError(`its pickle refers to other data where none can be`);
    this.stack.push(this.make(this.options.load(id)));
  }

  /** REDUCE, NEWOBJ and their kin. A record of what is not known keeps the arguments and is not called. */
  call(maker: unknown, args: unknown): void {
    if (!(maker instanceof Maker || maker instanceof Opaque))
      throw new CheckpointError("its pickle calls something that is not a function");
    if (!(args instanceof Tuple))
      throw new CheckpointError(`its pickle calls ${escaped(maker.name)} without a tuple of arguments`);
    this.stack.push(this.make(maker instanceof Maker ? maker.make(args.items) : new Opaque(maker.name, args.items)));
  }

  fill(dict: unknown, values: readonly unknown[]): void {
    if (!(dict instanceof Dict)) throw new CheckpointError("its pickle sets an item of something that is not a dict");
    if (values.length % 2 !== 0) throw new CheckpointError("its pickle is damaged: a dict has a key without a value");
    for (let i = 0; i < values.length; i += 2) {
      dict.set(this.make(values[i]), values[i + 1]);
    }
  }

  append(list: unknown, values: readonly unknown[]): void {
    const items = list instanceof Opaque ? list.items : list;
    if (!Array.isArray(items)) throw new CheckpointError("its pickle appends to something that is not a list");
    for (const value of values) items.push(value);
  }

  /** State of an object. That of an OrderedDict (a module's `_metadata`) says nothing of the tensors. */
  build(object: unknown, state: unknown): void {
    if (object instanceof Opaque) object.state = state;
    else if (!(object instanceof Dict))
      throw new CheckpointError("its pickle sets the state of something that has none");
  }
}
