import fc from "fast-check";
import { expect, test } from "vitest";
import { oneLine } from "../../../graphs/document/index.ts";

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
