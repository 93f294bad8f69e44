import fc from "fast-check";
import { expect, test } from "vitest";
import { differing } from "../../../graphs/document/differing.ts";

test.each([
  [4.5, 22, ["4.5", "22"]],
  ["", "star", ["none", "star"]],
  ["a*curve(progress, 0, 0.2, 1, 1)", "a*curve(progress, 0, 0.5, 1, 1)", ["…0, 0.2, 1, 1)", "…0, 0.5, 1, 1)"]],
  ["shapes32_diffusion.pt", "imagenet64_diffusion.pt", ["shapes32_diff…", "imagenet64_di…"]],
  ["0,1,2,3,4,5,6,7,8,9,0", "0,1,2,3,4,5,6,7,8,9", ["…4,5,6,7,8,9,0", "…4,5,6,7,8,9"]],
])("of %s and %s the part that differs is shown", (a, b, [one, other]) => {
  const [first, second] = differing(a, b, 14);
  expect(first).toBe(one);
  expect(second).toBe(other);
});

test("two that differ are never shown alike, and in no more than there is room for", () => {
  const text = fc.string({ maxLength: 60 });
  fc.assert(
    fc.property(text, text, text, text, fc.integer({ min: 8, max: 20 }), (start, a, b, end, room) => {
      const [one, other] = [start + a + end, start + b + end];
      const shown = differing(one, other, room);
      for (const part of shown) expect([...part].length).toBeLessThanOrEqual(room);
      const isPlain = ![one, other].some((text) => /…/.test(text) || text === "" || text === "none");
      if (one !== other && isPlain) expect(shown[0]).not.toBe(shown[1]);
    }),
  );
});
