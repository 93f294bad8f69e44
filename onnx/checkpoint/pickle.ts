/**
 * A restricted unpickler, protocols 0 … 5: the pickle machine of Python's Lib/pickletools.py, where a global is a row of
 * a table (globals.ts) and a call makes a record of ours. What torch.save never writes is refused.
 */
import { Dict, Maker, Tuple } from "./pickle-values.ts";
import { CheckpointError, escaped } from "./source.ts";

// Bounds against bombs, far above real files: the 512×512 ADM checkpoint's pickle takes 40,000 operations and 6,000
// objects for 120 kB.
const maxOperations = 2_000_000;
const maxObjects = 250_000;
const maxMemo = 500_000;
const maxMarks = 1_000;
/** Numbers in checkpoints have 64 bits at most, torch's magic number has 80. */
const maxNumberBytes = 32;

export interface Unpickled {
  readonly value: unknown;
  /** Bytes up to and with the STOP operation. */
  readonly length: number;
}

export interface UnpicklerOptions {
  /** What stands for a global. Throws a CheckpointError when it is not allowed. */
  readonly findGlobal: (module: string, name: string) => unknown;
  /** What stands for a persistent id. By default there are none. */
  readonly load?: (id: unknown) => unknown;
}

/** Reads the pickle at the beginning of `bytes`. Throws a CheckpointError. */
export function readPickle(bytes: Uint8Array, options: UnpicklerOptions): Unpickled {
  const machine = new Machine(bytes, options);
  for (let count = 0; !machine.stopped; count++) {
    if (count === maxOperations) throw new CheckpointError(`its pickle has more than ${maxOperations} operations`);
    const code = machine.byte();
    const operation = operations[code];
    if (!operation)
      throw new CheckpointError(
        `its pickle uses ${refused[code] ?? `the operation 0x${code.toString(16).padStart(2, "0")}`} at byte ${machine.at - 1}, which checkpoints do not have`,
      );
    operation(machine);
  }
  return { value: machine.pop(), length: machine.at };
}

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

class Machine {
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
    this.stack.push(this.options.findGlobal(module, name));
  }

  persistent(id: unknown): void {
    if (!this.options.load) throw new CheckpointError(`its pickle refers to other data where none can be`);
    this.stack.push(this.make(this.options.load(id)));
  }

  call(maker: unknown, args: unknown): void {
    if (!(maker instanceof Maker)) throw new CheckpointError("its pickle calls something that is not a function");
    if (!(args instanceof Tuple))
      throw new CheckpointError(`its pickle calls ${maker.name} without a tuple of arguments`);
    this.stack.push(this.make(maker.make(args.items)));
  }

  fill(dict: unknown, values: readonly unknown[]): void {
    if (!(dict instanceof Dict)) throw new CheckpointError("its pickle sets an item of something that is not a dict");
    if (values.length % 2 !== 0) throw new CheckpointError("its pickle is damaged: a dict has a key without a value");
    for (let i = 0; i < values.length; i += 2) {
      dict.set(this.make(values[i]), values[i + 1]);
    }
  }

  append(list: unknown, values: readonly unknown[]): void {
    if (!Array.isArray(list)) throw new CheckpointError("its pickle appends to something that is not a list");
    for (const value of values) list.push(value);
  }

  /** State of an object: only an OrderedDict has any (a module's `_metadata`), and it says nothing of the tensors. */
  build(object: unknown): void {
    if (!(object instanceof Dict))
      throw new CheckpointError("its pickle sets the state of something that is not an OrderedDict");
  }
}

/** A whole number: a JavaScript number where that is exact. */
const whole = (value: bigint): number | bigint =>
  value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;

function parseWhole(line: string): number | bigint {
  if (line.length > maxNumberBytes || !/^\s*[+-]?\d+L?\s*$/.test(line))
    throw new CheckpointError(`its pickle has the number ${escaped(line)}`);
  return whole(BigInt(line.trim().replace(/L$/, "").replace(/^\+/, "")));
}

function parseFloat64(line: string): number {
  const value = Number(line);
  if (line.trim() === "" || (Number.isNaN(value) && !/^[+-]?nan$/i.test(line)))
    throw new CheckpointError(`its pickle has the number ${escaped(line)}`);
  return value;
}

/** Two's complement, little-endian. */
function readLong(bytes: Uint8Array): number | bigint {
  if (bytes.length > maxNumberBytes) throw new CheckpointError(`its pickle has a number of ${bytes.length} bytes`);
  let value = 0n;
  for (const [i, byte] of bytes.entries()) value |= BigInt(byte) << BigInt(8 * i);
  return whole(BigInt.asIntN(8 * bytes.length, value));
}

/** A Python string literal, as protocol 0 writes byte strings. */
function parseLiteral(line: string): string {
  const quote = line[0];
  if (line.length < 2 || (quote !== "'" && quote !== '"') || line.at(-1) !== quote)
    throw new CheckpointError(`its pickle has the text ${escaped(line)}, which is not quoted`);
  return line.slice(1, -1).replace(/\\(x[0-9a-fA-F]{2}|.)/g, (_, code: string) => {
    if (code.length === 3) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    return { n: "\n", r: "\r", t: "\t" }[code] ?? code;
  });
}

/** Protocol 0 escapes backslash and line end as \uXXXX. */
const parseUnicode = (line: string): string =>
  line.replace(/\\u([0-9a-fA-F]{4})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));

type Operation = (m: Machine) => void;

/** By the letter pickletools gives, or the code. */
const byLetter: Readonly<Record<string, Operation>> = {
  // Numbers and constants
  N: (m) => m.push(null),
  I: (m) => {
    const line = m.line();
    m.push(line === "00" ? false : line === "01" ? true : parseWhole(line));
  },
  J: (m) => m.push(m.int32()),
  K: (m) => m.push(m.byte()),
  M: (m) => m.push(m.uint16()),
  L: (m) => m.push(parseWhole(m.line())),
  F: (m) => m.push(parseFloat64(m.line())),
  G: (m) => m.push(m.float64()),
  // Text and bytes
  S: (m) => m.push(parseLiteral(m.line())),
  T: (m) => m.push(m.text(Math.max(0, m.int32()))),
  U: (m) => m.push(m.text(m.byte())),
  V: (m) => m.push(parseUnicode(m.line())),
  X: (m) => m.push(m.text(m.uint32())),
  B: (m) => m.push(m.make(m.take(m.uint32()))),
  C: (m) => m.push(m.make(m.take(m.byte()))),
  // Containers
  "(": (m) => m.mark(),
  ")": (m) => m.push(m.make(new Tuple([]))),
  t: (m) => m.push(m.make(new Tuple(m.popMark()))),
  "]": (m) => m.push(m.make([])),
  l: (m) => m.push(m.make(m.popMark())),
  a: (m) => {
    const value = m.pop();
    m.append(m.top(), [value]);
  },
  e: (m) => {
    const values = m.popMark();
    m.append(m.top(), values);
  },
  "}": (m) => m.push(m.make(new Dict())),
  d: (m) => {
    const values = m.popMark();
    m.push(m.make(new Dict()));
    m.fill(m.top(), values);
  },
  s: (m) => {
    const value = m.pop();
    const key = m.pop();
    m.fill(m.top(), [key, value]);
  },
  u: (m) => {
    const values = m.popMark();
    m.fill(m.top(), values);
  },
  // Stack and memo
  "0": (m) => m.pop(),
  "1": (m) => m.popMark(),
  "2": (m) => m.push(m.top()),
  p: (m) => m.remember(Number(parseWhole(m.line()))),
  q: (m) => m.remember(m.byte()),
  r: (m) => m.remember(m.uint32()),
  g: (m) => m.recall(Number(parseWhole(m.line()))),
  h: (m) => m.recall(m.byte()),
  j: (m) => m.recall(m.uint32()),
  // Objects
  c: (m) => {
    const module = m.line();
    m.global(module, m.line());
  },
  i: (m) => {
    const module = m.line();
    m.global(module, m.line());
    const maker = m.pop();
    m.call(maker, new Tuple(m.popMark()));
  },
  o: (m) => {
    const [maker, ...args] = m.popMark();
    m.call(maker, new Tuple(args));
  },
  R: (m) => {
    const args = m.pop();
    m.call(m.pop(), args);
  },
  b: (m) => {
    m.pop();
    m.build(m.top());
  },
  Q: (m) => m.persistent(m.pop()),
  ".": (m) => {
    m.stopped = true;
  },
};

const byCode: Readonly<Record<number, Operation>> = {
  // PROTO
  128: (m) => {
    const protocol = m.byte();
    if (protocol > 5) throw new CheckpointError(`its pickle has protocol ${protocol}; 0 to 5 exist`);
  },
  133: (m) => m.push(m.make(new Tuple([m.pop()]))), // TUPLE1
  // TUPLE2
  134: (m) => {
    const b = m.pop();
    m.push(m.make(new Tuple([m.pop(), b])));
  },
  // TUPLE3
  135: (m) => {
    const c = m.pop();
    const b = m.pop();
    m.push(m.make(new Tuple([m.pop(), b, c])));
  },
  136: (m) => m.push(true), // NEWTRUE
  137: (m) => m.push(false), // NEWFALSE
  138: (m) => m.push(readLong(m.take(m.byte()))), // LONG1
  139: (m) => m.push(readLong(m.take(m.uint32()))), // LONG4
  140: (m) => m.push(m.text(m.byte())), // SHORT_BINUNICODE
  141: (m) => m.push(m.text(m.uint64())), // BINUNICODE8
  142: (m) => m.push(m.make(m.take(m.uint64()))), // BINBYTES8
  // STACK_GLOBAL
  147: (m) => {
    const name = m.pop();
    m.global(m.pop(), name);
  },
  148: (m) => m.remember(), // MEMOIZE
  149: (m) => m.uint64(), // FRAME
  150: (m) => m.push(m.make(m.take(m.uint64()))), // BYTEARRAY8
};

const operations: readonly (Operation | undefined)[] = Array.from(
  { length: 256 },
  (_, code) => byCode[code] ?? byLetter[String.fromCharCode(code)],
);

/** Operations with a name of their own in the message. */
const refused: Readonly<Record<number, string>> = {
  80: "PERSID (a reference of protocol 0, which PyTorch itself cannot load)",
  129: "NEWOBJ (it makes an object of a class)",
  130: "EXT1 (a global by number)",
  131: "EXT2 (a global by number)",
  132: "EXT4 (a global by number)",
  143: "EMPTY_SET",
  144: "ADDITEMS",
  145: "FROZENSET",
  146: "NEWOBJ_EX (it makes an object of a class)",
  151: "NEXT_BUFFER (data outside the file)",
  152: "READONLY_BUFFER (data outside the file)",
};
