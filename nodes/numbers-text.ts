import type { NumbersEvent } from "./context.ts";

const digits = 4;
const short = (value: number): string => String(Number(value.toPrecision(digits)));

/** "accuracy 0.95 [0.91, 0.98] of 64 pictures": what a measure says, on one line. */
export function numbersText({ pictures, numbers }: Pick<NumbersEvent, "pictures" | "numbers">): string {
  const each = Object.entries(numbers).map(([name, { value, low, high }]) => {
    const interval = low === undefined || high === undefined ? "" : ` [${short(low)}, ${short(high)}]`;
    return `${name} ${short(value)}${interval}`;
  });
  return `${each.join(", ")} of ${pictures} ${pictures === 1 ? "picture" : "pictures"}`;
}
