import { GraphError } from "../nodes/index.ts";
import type { Source } from "./types.ts";
import { typedOrder, wayOf } from "./walk.ts";

/** What of a schedule says which steps there are. */
export interface Rows {
  readonly count: number;
  /** The index of a step by another measure; absent where the schedule is not there yet. */
  indexOf?(measure: string, value: number): number;
}

/** Where a walk begins or ends: an index, or "end", where the order says. */
export type Bound = number | "end";

/** What a start or stop says. Typed, −1 is the end of the schedule; a computed −1 is an index, which no schedule has. */
export const boundOf = (source: Source, value: number): Bound => (value === -1 && "value" in source ? "end" : value);

/**
 * The indices through which a loop runs. "down": from `start` ("end": the last row, count − 1) to `stop` ("end": row 0), both
 * inclusive; "up": from `start` ("end": row 0) to `stop` ("end": the last row); or a list (`typedOrder`), where indices may repeat and
 * lie between rows, −1 stands for x₀, and which has no start and stop. Where the schedule is not there yet, steps by another
 * measure are somewhere in it: how many they are is known all the same.
 *
 * Throws a GraphError with the port that is wrong.
 */
export function indices(rows: Rows, order: string, start: Bound, stop: Bound): readonly number[] {
  const { count } = rows;
  const check = (index: number, port: string) => {
    if (!(index >= 0 && index <= count - 1))
      throw new GraphError(
        `The index ${index} lies outside the schedule, which has 0 … ${count - 1}${index === -1 && port !== "order" ? ": a computed -1 is not its end, which -1 is where it is typed" : ""}`,
        port,
      );
    return index;
  };
  const way = wayOf(order);
  if (!way) {
    if (start !== "end" || stop !== "end")
      throw new GraphError(
        "A list of indices has no start and stop: leave them at -1",
        start !== "end" ? "start" : "stop",
      );
    const { measure = "index", numbers } = typedOrder(order);
    const place = measure === "index" ? (index: number) => check(index, "order") : placeBy(measure, rows);
    return numbers.map((value) => (value === "x0" ? toX0 : place(value)));
  }
  const [first, last] = way === "down" ? [count - 1, 0] : [0, count - 1];
  const from = check(start === "end" ? first : start, "start");
  const to = check(stop === "end" ? last : stop, "stop");
  const step = way === "down" ? -1 : 1;
  const steps = Math.floor((to - from) * step) + 1;
  if (steps < 1) throw new GraphError(`Going ${way}, index ${to} does not come after ${from}`, "stop");
  return Array.from({ length: steps }, (_, i) => from + i * step);
}

/** How many steps a walk has: x₀ is none, but where one leads. */
export const stepsIn = (walk: readonly number[]): number => walk.filter((index) => index !== toX0).length;

/** In a walk, what stands for x₀. */
const toX0 = -1;

function placeBy(measure: string, { count, indexOf }: Rows): (value: number) => number {
  if (!measures.includes(measure))
    throw new GraphError(`"${measure}" measures no step: it must be one of ${measures.join(", ")}`, "order");
  return (value) => {
    try {
      return indexOf ? indexOf(measure, value) : count - 1;
    } catch (error) {
      throw new GraphError((error as Error).message, "order");
    }
  };
}

const measures = ["index", "t", "noise_level", "lambda"];
