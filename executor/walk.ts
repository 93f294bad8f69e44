/**
 * The order of a loop as it is typed. Between commas: an index, a run of them (`9..5`, either way), each with `*3` after it where
 * the run is gone three times, or `x3` where each index is. `x0` is where the step before leads, and no step itself. In front a
 * measure and a colon say that the numbers are no indices: `noise_level: 80, 20, 5, x0`.
 */
import { GraphError } from "../nodes/index.ts";

/** More steps than any schedule has; a list that repeats (RePaint) may be long. */
const maxSteps = 100_000;

export interface TypedOrder {
  /** What its numbers are in, if not indices. */
  readonly measure?: string;
  readonly numbers: readonly (number | "x0")[];
}

const number = "-?\\d+(?:\\.\\d+)?(?:e[-+]?\\d+)?";
const item = new RegExp(`^(${number})(?:\\.\\.(${number}))?(?:([*x])(\\d+))?$`, "i");

/** The way through all rows, where the order is that: however a hand writes the word. */
export function wayOf(order: string): "down" | "up" | undefined {
  const word = order.trim().toLowerCase();
  return word === "down" || word === "up" ? word : undefined;
}

/** Throws a GraphError at the port "order" with the word that is wrong. */
export function typedOrder(text: string): TypedOrder {
  const [, measure, list] = /^\s*(?:([a-z_]+)\s*:)?(.*)$/s.exec(text) as RegExpExecArray;
  // A sign of repetition belongs to what is before it.
  const words = list
    .replace(/\s*([*]|\bx(?=\s*\d+\b)(?!0\b)|\.\.)\s*/gi, "$1")
    .split(/[\s,;]+/)
    .filter((word) => word !== "");
  const numbers: (number | "x0")[] = [];
  for (const word of words) {
    numbers.push(...numbersOf(word));
    if (numbers.length > maxSteps) throw tooMany(numbers.length);
  }
  if (numbers.length === 0 || numbers[0] === "x0") throw wrong(words[0] ?? "");
  return { ...(measure !== undefined && { measure }), numbers };
}

function numbersOf(word: string): (number | "x0")[] {
  if (/^x0$/i.test(word)) return ["x0"];
  const parts = item.exec(word);
  if (!parts || Number(parts[4]) === 0) throw wrong(word);
  const [from, to, times] = [Number(parts[1]), Number(parts[2] ?? parts[1]), Number(parts[4] ?? 1)];
  const length = Math.round(Math.abs(to - from)) + 1;
  if (length * times > maxSteps) throw tooMany(length * times);
  // Of decimals read exactly: 0.1..3.1 is 3 long but for rounding.
  if (Math.abs(Math.abs(to - from) - (length - 1)) > 1e-9)
    throw new GraphError(
      `A run goes by whole numbers, so from ${from} it does not come to ${to}: write the end alone after a comma`,
      "order",
    );
  const run = Array.from({ length }, (_, i) => (to < from ? from - i : from + i));
  const repeat = <T>(value: T): T[] => new Array<T>(times).fill(value);
  return parts[3]?.toLowerCase() === "x" ? run.flatMap(repeat) : repeat(run).flat();
}

const tooMany = (steps: number): GraphError => new GraphError(`${steps} steps are more than ${maxSteps}`, "order");

const wrong = (word: string): GraphError =>
  new GraphError(
    `It must be "down", "up", a list of indices such as 9..5*2, 24..1x2, 9.5, 0 or 40, x0, or one of noises such as noise_level: 80, 20, x0 (also t: and lambda:), not "${word.slice(0, 40)}"`,
    "order",
  );
