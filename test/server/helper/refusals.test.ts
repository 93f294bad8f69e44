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
  const pauses = Array.from({ length: 7 }, () => {
    const ms = refusals.refuse("a", "r", "It lacks a node");
    pass(ms - 1);
    expect([refusals.of("a"), refusals.of("b")]).toEqual(["It lacks a node", undefined]);
    pass(1);
    expect([refusals.of("a"), refusals.all]).toEqual([undefined, []]);
    return ms;
  });
  expect(pauses).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  refusals.drawn("a");
  expect(refusals.refuse("a", "r", "It lacks a node")).toBe(2_000);
});

test("devices that fail side by side count once, and what is refused is told by run", () => {
  const { refusals } = played();
  expect([refusals.refuse("a", "r", "no file"), refusals.refuse("a", "r", "no node")]).toEqual([2_000, 2_000]);
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
