import fc from "fast-check";
import { expect, test } from "vitest";
import { readTokens } from "../../../server/users/token-file.ts";

test("a line is a user's, with or without a colon; a token alone is the owner's", () => {
  const text = "# who may\r\n\nann: a-token\n  bob   b:token \nthe-owner's\n";
  expect(readTokens(text)).toEqual([
    { name: "ann", token: "a-token" },
    { name: "bob", token: "b:token" },
    { name: undefined, token: "the-owner's" },
  ]);
  expect(readTokens("owner: x\nann y")[0]).toEqual({ name: undefined, token: "x" });
});

const wrong: Readonly<Record<string, RegExp>> = {
  "": /^it holds no token/,
  "# nothing\n\n": /^it holds no token/,
  "ann:token": /^line 1 needs a space after the name's colon/,
  "x\nann: a b": /^line 2 has more than a name and a token/,
  "ann: x\nbob: x": /^lines 1 and 2 have the same token/,
  "ann: x\n\nann: y": /^lines 1 and 3 have the same name/,
  "x\ny": /^lines 1 and 2 have the same owner/,
  "x\nowner: y": /^lines 1 and 2 have the same owner/,
  "-ann: x": /^line 1: a name has up to 40/,
  [`${"a".repeat(41)} x`]: /^line 1: a name has up to 40/,
};
test.each(Object.entries(wrong))("%j is refused in words", (text, words) => {
  expect(() => readTokens(text)).toThrow(words);
});

test("no text is more than it can refuse, and what it says holds no token", () => {
  const line = fc.oneof(fc.string(), fc.constantFrom("ann: secret1", "secret2", "bob secret3", "ann secret4 x", "# x"));
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
      try {
        for (const { token } of readTokens(lines.join("\n"))) expect(token).toMatch(/^\S+$/);
      } catch (error) {
        expect(error).toBeInstanceOf(SyntaxError);
        expect((error as Error).message).not.toMatch(/secret\d/);
      }
    }),
  );
});
