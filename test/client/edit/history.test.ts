import { expect, test } from "vitest";
import { begin, edited, redo, undo } from "../../../client/edit/history.ts";
import { example } from "../support/graphs.ts";

const [a, b, c] = ["guided-ddim", "red-star", "ddim-inversion"].map(example);

test("undo gives back the very document, redo the next", () => {
  const after = edited(edited(begin(a), b), c);
  expect(undo(undo(after)).present).toBe(a);
  expect(undo(undo(undo(after))).present).toBe(a);
  expect(redo(undo(after)).present).toBe(c);
});

test("edits of one pull of a slider are one step; an edit after an undo forgets what was undone", () => {
  const pulled = edited(edited(edited(begin(a), b, "scale"), c, "scale"), b, "scale");
  expect(undo(pulled).present).toBe(a);
  const other = edited(undo(pulled), c);
  expect(redo(other).present).toBe(c);
  expect(other.future).toEqual([]);
});
