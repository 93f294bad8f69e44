import fc from "fast-check";
import { expect, test } from "vitest";
import { isMisleading, oneLine, unmasked } from "../../../graphs/document/index.ts";

test("whatever a text holds, a message has it on one line that says what it shows", () => {
  const odd = fc.constantFrom("\u202e", "\u2066", "\u200f", "\u2028", "\n", "\u001b[31m", "\u0085", "a", "☆", "日本");
  fc.assert(
    fc.property(fc.array(odd, { maxLength: 40 }), fc.integer({ min: 1, max: 60 }), (parts, length) => {
      const line = oneLine(parts.join(""), length);
      expect(line).not.toMatch(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u);
      expect(line.length).toBeLessThanOrEqual(length + 1);
    }),
  );
  expect(oneLine("gnp.exe\u202e red star")).toBe("gnp.exe  red star");
});

test("what is kept of it stays, and nothing else that misleads", () => {
  const text = "a\u202eb\nc\td\u0007";
  expect(unmasked(text)).toBe("a?b?c?d?");
  expect(unmasked(text, "\n\t")).toBe("a?b\nc\td?");
  expect([isMisleading(text), isMisleading("日本 ☆.png")]).toEqual([true, false]);
  // Asked twice it says the same.
  expect([isMisleading(text), isMisleading(text)]).toEqual([true, true]);
});
