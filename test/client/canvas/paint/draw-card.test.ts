import { expect, test } from "vitest";
import { stateForms } from "../../../../client/canvas/paint/draw-card.ts";

test.each([
  ["✓", "1.84 s", ["✓ 1.84 s", "1.84 s", "2 s"]],
  ["✓", "0.41 s", ["✓ 0.41 s", "0.41 s"]],
  ["✓", "38 ms", ["✓ 38 ms", "38 ms"]],
  ["✓", "", ["✓"]],
  ["", "17 / 50", ["17 / 50"]],
  ["○", "cached", ["○ cached"]],
  ["!", "", ["!"]],
])("beside a long title %s %s is said as shortly as there is room for", (mark, word, forms) => {
  expect(stateForms(mark, word)).toEqual(forms);
});
