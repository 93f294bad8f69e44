import { expect, test } from "vitest";
import { isWithin } from "../../../server/channel/size.ts";

const around: unknown[] = [];
around.push({ around });

test.each([
  ["a text", "x".repeat(100), true],
  ["a long text", "x".repeat(10_000), false],
  ["a key as long", { ["x".repeat(10_000)]: 1 }, false],
  ["bytes", new Uint8Array(100), true],
  ["many bytes", new Uint8Array(10_000), false],
  ["a list of little", Array.from({ length: 10_000 }, () => null), false],
  ["many texts, each short", { a: Array.from({ length: 100 }, () => ({ b: "x".repeat(100) })) }, false],
  ["a circle", around, false],
])("isWithin of %s", (_what, value, within) => {
  expect(isWithin(value, 1_000)).toBe(within);
});
