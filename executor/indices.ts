import { GraphError } from "../nodes/index.ts";

/** More steps than any schedule has; a list that repeats (RePaint) may be long. */
const maxSteps = 100_000;

/**
 * The indices through which a loop runs. "down": from `start` (−1: the last row, count − 1) to `stop` (−1: row 0), both
 * inclusive; "up": from `start` (−1: row 0) to `stop` (−1: the last row); or a list such as "99, 98, 99, 98.5", where
 * indices may repeat and lie between rows, and which has no start and stop.
 *
 * Throws a GraphError with the port that is wrong.
 */
export function indices(count: number, order: string, start: number, stop: number): number[] {
  const check = (index: number, port: string) => {
    if (!(index >= 0 && index <= count - 1))
      throw new GraphError(`The index ${index} lies outside the schedule, which has 0 … ${count - 1}`, port);
    return index;
  };
  if (order !== "down" && order !== "up") {
    if (start !== -1 || stop !== -1)
      throw new GraphError(
        "A list of indices has no start and stop: leave them at -1",
        start !== -1 ? "start" : "stop",
      );
    return parseList(order).map((index) => check(index, "order"));
  }
  const [first, last] = order === "down" ? [count - 1, 0] : [0, count - 1];
  const from = check(start === -1 ? first : start, "start");
  const to = check(stop === -1 ? last : stop, "stop");
  const step = order === "down" ? -1 : 1;
  const steps = Math.floor((to - from) * step) + 1;
  if (steps < 1) throw new GraphError(`Going ${order}, index ${to} does not come after ${from}`, "stop");
  return Array.from({ length: steps }, (_, i) => from + i * step);
}

function parseList(text: string): number[] {
  const words = text.split(/[\s,;]+/).filter((word) => word !== "");
  const list = words.map(Number);
  const wrong = list.findIndex((index) => !Number.isFinite(index));
  if (words.length === 0 || wrong >= 0)
    throw new GraphError(
      `It must be "down", "up" or a list of indices, not "${words[wrong]?.slice(0, 40) ?? ""}"`,
      "order",
    );
  if (list.length > maxSteps) throw new GraphError(`${list.length} steps are more than ${maxSteps}`, "order");
  return list;
}
