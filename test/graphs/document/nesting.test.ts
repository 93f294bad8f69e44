import { expect, test } from "vitest";
import { DocumentError, isDeeperThan, limits, readDocument } from "../../../graphs/document/index.ts";

test.each([
  ["[]", 1],
  ['{"a":[1,{"b":[]}]}', 4],
  ["[[],[[]],[]]", 3],
  ['["[[[{{{"]', 1],
  ['{"a\\"[[[":{}}', 2],
  ['{"a\\\\":[[]]}', 3],
  ['{"ä[":"🙂{"}', 1],
  ["\ufeff[\r\n\t[ [\u2028]]]", 3],
  ["[".repeat(100_000), 100_000],
])("JSON is as deep as its objects and lists (%#: depth $1)", (text, depth) => {
  expect([depth - 1, depth].map((most) => isDeeperThan(text, most))).toEqual([true, false]);
});

test.each(["\0", '"\n'])("behind %j, which no JSON has, nothing is looked at", (text) => {
  expect(isDeeperThan(`[${text}${"[".repeat(10)}`, 5)).toBe(false);
});

test.each([
  ["a list", "[".repeat(1_000_000)],
  ["what a graph holds", `{"nodes":[],"extra":${"[".repeat(40)}1${"]".repeat(40)}}`],
])("%s is refused by its text as it is by its values", (_what, text) => {
  const why = `nested more than ${limits.depth} levels`;
  expect(() => readDocument(text)).toThrow(DocumentError);
  expect(() => readDocument(text)).toThrow(why);
});

test("what a document may hold, its text may", () => {
  for (let depth = limits.depth - 2; depth < limits.depth + 4; depth++)
    for (const inner of ["", "1"]) {
      const text = `{"nodes":[],"extra":${"[".repeat(depth)}${inner}${"]".repeat(depth)}}`;
      const why = (json: unknown): unknown => {
        try {
          readDocument(json);
        } catch (error) {
          return (error as Error).message;
        }
        return undefined;
      };
      expect(why(text)).toBe(why(JSON.parse(text)));
    }
});
