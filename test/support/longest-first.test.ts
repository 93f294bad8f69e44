import { expect, test } from "vitest";
import { among } from "./longest-first.ts";

const files = (kind: string, count: number) => Array.from({ length: count }, (_, i) => `${kind} ${i}`);

test.each([
  [3, 20],
  [45, 367],
  [0, 5],
  [5, 0],
  [40, 3],
])("%d long files begin in their order among %d short ones, evenly, and some of those come last", (longs, shorts) => {
  const [long, short] = [files("long", longs), files("short", shorts)];
  const order = among(long, short);
  expect(order.filter((file) => file.startsWith("long"))).toEqual(long);
  expect(order.filter((file) => file.startsWith("short"))).toEqual(short);
  const places = order.flatMap((file, i) => (file.startsWith("long") ? [i] : []));
  const gaps = places.slice(1).map((place, i) => place - places[i]);
  if (gaps.length > 0) expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThanOrEqual(1);
  if (longs > 0) expect(places[0]).toBe(0);
  expect(order.slice((places.at(-1) ?? -1) + 1).length).toBeGreaterThanOrEqual(Math.floor(0.15 * shorts));
});
