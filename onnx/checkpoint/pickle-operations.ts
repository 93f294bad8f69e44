/** What each operation of a pickle does: Python's Lib/pickletools.py. */
import { CheckpointError } from "./error.ts";
import type { PickleMachine } from "./pickle-machine.ts";
import { parseFloat64, parseLiteral, parseUnicode, parseWhole, readLong } from "./pickle-numbers.ts";
import { Dict, Opaque, Tuple } from "./pickle-values.ts";

export type Operation = (m: PickleMachine) => void;

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
    const state = m.pop();
    m.build(m.top(), state);
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
  // NEWOBJ
  129: (m) => {
    const args = m.pop();
    m.call(m.pop(), args);
  },
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
  143: (m) => m.push(m.make(new Opaque("builtins.set"))), // EMPTY_SET
  // ADDITEMS
  144: (m) => {
    const values = m.popMark();
    m.append(m.top(), values);
  },
  145: (m) => m.push(m.make(new Opaque("builtins.frozenset", m.popMark()))), // FROZENSET
  // NEWOBJ_EX, with keyword arguments
  146: (m) => {
    const named = m.pop();
    const args = m.pop();
    m.call(m.pop(), args);
    m.build(m.top(), named);
  },
  // STACK_GLOBAL
  147: (m) => {
    const name = m.pop();
    m.global(m.pop(), name);
  },
  148: (m) => m.remember(), // MEMOIZE
  149: (m) => m.uint64(), // FRAME
  150: (m) => m.push(m.make(m.take(m.uint64()))), // BYTEARRAY8
};

/** By code; the rest is refused. */
export const operations: readonly (Operation | undefined)[] = Array.from(
  { length: 256 },
  (_, code) => byCode[code] ?? byLetter[String.fromCharCode(code)],
);

/** Operations with a name of their own in the message. */
export const refused: Readonly<Record<number, string>> = {
  80: "PERSID (a reference of protocol 0, which PyTorch itself cannot load)",
  130: "EXT1 (a global by number)",
  131: "EXT2 (a global by number)",
  132: "EXT4 (a global by number)",
  151: "NEXT_BUFFER (data outside the file)",
  152: "READONLY_BUFFER (data outside the file)",
};
