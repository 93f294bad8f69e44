import { expect, test } from "vitest";
import { isDeeperThan } from "../../../server/http/nesting.ts";

test.each([
  ["[]", 1],
  ['{"a":[1,{"b":[]}]}', 4],
  ["[[],[[]],[]]", 3],
  ['["[[[{{{"]', 1],
  ['{"a\\"[[[":{}}', 2],
  ['{"a\\\\":[[]]}', 3],
  ['{"ä[":"🙂{"}', 1],
  ["[".repeat(100_000), 100_000],
])("JSON is as deep as its objects and lists (%#: depth $1)", (text, depth) => {
  const bytes = Buffer.from(text);
  expect([depth - 1, depth].map((most) => isDeeperThan(bytes, most))).toEqual([true, false]);
});
