import { sameSize } from "../checks.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";
import { chosen, condition, needsChosen, wantBoth } from "./chosen.ts";

export default defineNode({
  type: "guidegraph/switch",
  version: 1,
  title: "Switch",
  category: "values",
  description:
    "Gives one of two tensors; what only the other would have needed is not computed, so a condition that is false costs nothing.",
  equation: "y = a where condition ≠ 0, else b",
  reference: "if, torch.where, guidance interval, gradient reuse",
  inputs: {
    condition,
    a: port.tensor({ lazy: true, optional: true }),
    b: port.tensor({ lazy: true, optional: true }),
  },
  outputs: { tensor: port.tensor() },
  infer: ({ a, b }) => {
    wantBoth({ a, b });
    const meaning = a?.meaning === b?.meaning && a?.meaning;
    return { tensor: { ...sameSize({ a, b }), ...(meaning && { meaning }) } };
  },
  needs: needsChosen,
  run: ({ condition, a, b }) => ({ tensor: chosen(condition, { a, b }) }),
  // Where the condition is known when it is drawn, one side alone is there.
  draw: ({ condition, a, b }, { op }) => ({
    tensor: a && b ? op.Where(op.Equal(condition.value, 0), b, a) : (a ?? b)!,
  }),
});
