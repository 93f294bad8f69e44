import { expect, test } from "vitest";
import { Refusals } from "../../../server/helper/refusals.ts";

function played() {
  let now = 0;
  const refusals = new Refusals(() => now);
  const pass = (ms: number) => {
    now += ms;
  };
  return { refusals, pass };
}

test("an order that could not be drawn is refused for longer and longer, and no other is", () => {
  const { refusals, pass } = played();
  for (const [i, ms] of [2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000].entries()) {
    expect(refusals.refuse("a", "r", "It lacks a node")).toBe(i === 0);
    pass(ms - 1);
    expect([refusals.of("a"), refusals.of("b")]).toEqual(["It lacks a node", undefined]);
    pass(1);
    expect([refusals.of("a"), refusals.all]).toEqual([undefined, []]);
  }
  refusals.drawn("a");
  expect(refusals.refuse("a", "r", "It lacks a node")).toBe(true);
  pass(2_000);
  expect(refusals.of("a")).toBeUndefined();
});

test("devices that fail side by side count once, and what is refused is told by run", () => {
  const { refusals, pass } = played();
  expect(["no file", "no node", "no node"].map((why) => refusals.refuse("a", "r", why))).toEqual([true, true, false]);
  pass(2_000);
  expect(refusals.of("a")).toBeUndefined();
  expect(refusals.refuse("a", "r", "no node")).toBe(false);
  refusals.refuse("b", "s", "full");
  expect(refusals.all).toEqual([
    { run: "r", why: "no node" },
    { run: "s", why: "full" },
  ]);
});

test("of many the oldest are tried again", () => {
  const { refusals } = played();
  for (let i = 0; i < 1_000; i++) refusals.refuse(`${i}`, "r", "no");
  expect([refusals.all.length, refusals.of("0"), refusals.of("999")]).toEqual([100, undefined, "no"]);
});
