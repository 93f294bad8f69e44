import { demanded, sameSize, wantMeaning, wantSides } from "../checks.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";

export default defineNode({
  type: "guidegraph/guidance-gradient",
  version: 1,
  title: "Guidance Gradient",
  category: "guidance",
  description: "Asks cond_fn in which direction x must change at this step.",
  equation: "g = s · ∇ₓ log p(y | x, t)",
  reference: "cond_fn(x, t, y)",
  inputs: {
    cond_fn: port.condFn(),
    x: port.tensor({ meaning: "x", help: "xₜ, or the mean together with the earlier step." }),
    step: port.step(),
  },
  outputs: { gradient: port.tensor({ meaning: "gradient" }) },
  infer: ({ cond_fn, x }) => {
    wantMeaning({ x }, "x", "mean", "x0");
    wantSides(cond_fn, x);
    return { gradient: { ...sameSize({ cond_fn: demanded(cond_fn), x }), meaning: "gradient" } };
  },
  run: async ({ cond_fn, x, step }) => ({ gradient: await cond_fn.gradient(x, step) }),
  draw: ({ cond_fn, x, step }) => ({ gradient: cond_fn.gradient(x, step) }),
});
