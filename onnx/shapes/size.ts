/**
 * Arithmetic on dimensions that are known only at run time. A Dim is a number or a polynomial in named sizes, written
 * out: "N", "8·N", "N·H + -1". Equal texts are equal sizes; what is no polynomial becomes a name of its own in
 * brackets, "⌊(H + -1)/2⌋", so that it still equals itself.
 */
import type { Dim } from "../ir.ts";

/** Coefficient by monomial; a monomial is its sorted factors joined by "·", the constant term's is "". */
type Polynomial = ReadonlyMap<string, number>;

export const add = (a: Dim, b: Dim): Dim =>
  typeof a === "number" && typeof b === "number" ? a + b : write(sum([...read(a)], [...read(b)]));

export const sub = (a: Dim, b: Dim): Dim => add(a, mul(-1, b));

export function mul(a: Dim, b: Dim): Dim {
  if (typeof a === "number" && typeof b === "number") return a * b + 0; // never −0
  const terms = [...read(a)].flatMap(([m, c]) => [...read(b)].map(([n, d]): [string, number] => [times(m, n), c * d]));
  return write(sum(terms));
}

export const product = (dims: readonly Dim[]): Dim => dims.reduce<Dim>(mul, 1);

/** ⌊a / b⌋; exact where every term of a polynomial divides. */
export function floorDiv(a: Dim, b: Dim): Dim {
  if (typeof a === "number" && typeof b === "number") return Math.floor(a / b);
  return divide(a, b) ?? named(`(${a})/(${b})`);
}

/** a / b, or undefined where that is not certain to be whole. */
export function divide(a: Dim, b: Dim): Dim | undefined {
  if (a === b) return 1;
  const divisors = [...read(b)];
  if (divisors.length !== 1) return undefined;
  const [[divisor, scale]] = divisors;
  const terms: [string, number][] = [];
  for (const [monomial, coefficient] of read(a)) {
    const rest = without(monomial, divisor);
    if (rest === undefined || coefficient % scale !== 0) return undefined;
    terms.push([rest, coefficient / scale]);
  }
  return write(sum(terms));
}

/** The smallest value that a size can have: names stand for sizes, which are not negative. */
export function lowerBound(a: Dim): number {
  const terms = [...read(a)];
  return terms.some(([monomial, c]) => monomial !== "" && c < 0) ? Number.NEGATIVE_INFINITY : (read(a).get("") ?? 0);
}

/** Whether it is of no other names than these. */
export const hasNamesOf = (a: Dim, names: ReadonlySet<Dim>): boolean =>
  typeof a === "number" ||
  [...read(a).keys()].every((monomial) => factorsOf(monomial).every((name) => names.has(name)));

/** Its number where its names are of such sizes. */
export const sizeAt = (a: Dim, sizeOf: (name: string) => number): number =>
  [...read(a)].reduce(
    (sum, [monomial, c]) => sum + factorsOf(monomial).reduce((factor, name) => factor * sizeOf(name), c),
    0,
  );

/** A name for a size that nothing more is known about. Names made of names would double with each layer: long ones are hashed. */
export const named = (text: string): Dim => `⌊${text.length <= 80 ? text : hash(text)}⌋`;

/** 64 bits of FNV-1a: equal texts have equal names, others in practice never. */
function hash(text: string): string {
  let h = 0xcbf29ce484222325n;
  for (const character of text) h = BigInt.asUintN(64, (h ^ BigInt(character.codePointAt(0)!)) * 0x100000001b3n);
  return `#${h.toString(36)}`;
}

/** Input dimensions may have any name in ONNX; those that look like arithmetic are put in brackets. */
export const symbol = (name: string): Dim => (/[·⌊⌋+]|^-?\d*$/.test(name) ? named(name.replace(/[⌊⌋]/g, "_")) : name);

export const sameDims = (a: readonly Dim[] | undefined, b: readonly Dim[] | undefined): boolean =>
  a !== undefined && b !== undefined && a.length === b.length && a.every((dim, axis) => dim === b[axis]);

export const isStatic = (dims: readonly Dim[] | undefined): dims is readonly number[] =>
  dims?.every((dim) => typeof dim === "number") ?? false;

/** Dimension of two operands under broadcasting. Unequal unknown ones may still be 1 at run time. */
function broadcastDim(a: Dim, b: Dim): Dim {
  if (a === b || b === 1) return a;
  if (a === 1 || typeof b === "number") return b;
  if (typeof a === "number") return a;
  return named(`${a} with ${b}`);
}

/** Shape of operands under ONNX's (NumPy's) broadcasting. */
export function broadcast(...shapes: readonly (readonly Dim[])[]): readonly Dim[] {
  const rank = Math.max(...shapes.map((dims) => dims.length));
  return Array.from({ length: rank }, (_, axis) =>
    shapes.map((dims) => dims[axis - rank + dims.length] ?? 1).reduce(broadcastDim),
  );
}

function read(dim: Dim): Polynomial {
  if (typeof dim === "number") return new Map(dim === 0 ? [] : [["", dim]]);
  return new Map(
    split(dim, " + ").map((term) => {
      const factors = split(term, "·");
      const coefficient = Number(factors[0]);
      return Number.isNaN(coefficient) ? [term, 1] : [factors.slice(1).join("·"), coefficient];
    }),
  );
}

function write(polynomial: Polynomial): Dim {
  const terms = [...polynomial].filter(([, coefficient]) => coefficient !== 0).sort(([a], [b]) => (a < b ? 1 : -1));
  if (terms.length === 0) return 0;
  if (terms.length === 1 && terms[0][0] === "") return terms[0][1];
  return terms.map(([m, c]) => (m === "" ? `${c}` : c === 1 ? m : `${c}·${m}`)).join(" + ");
}

function sum(...lists: readonly (readonly [string, number])[][]): Polynomial {
  const result = new Map<string, number>();
  for (const [monomial, c] of lists.flat()) result.set(monomial, (result.get(monomial) ?? 0) + c);
  return result;
}

const factorsOf = (monomial: string): string[] => (monomial === "" ? [] : split(monomial, "·"));

const times = (a: string, b: string): string => [...factorsOf(a), ...factorsOf(b)].sort().join("·");

function without(monomial: string, divisor: string): string | undefined {
  const rest = factorsOf(monomial);
  for (const factor of factorsOf(divisor)) {
    const index = rest.indexOf(factor);
    if (index < 0) return undefined;
    rest.splice(index, 1);
  }
  return rest.join("·");
}

/** Splits at separators outside brackets. */
function split(text: string, separator: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "⌊") depth++;
    else if (text[i] === "⌋") depth--;
    else if (depth === 0 && text.startsWith(separator, i)) {
      parts.push(text.slice(start, i));
      i += separator.length - 1;
      start = i + 1;
    }
  }
  return [...parts, text.slice(start)];
}
