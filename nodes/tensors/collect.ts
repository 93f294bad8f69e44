import { joined } from "../../diffusion/index.ts";
import { facts, sameSize } from "../checks.ts";
import type { TensorFacts } from "../kinds.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";
import type { Size } from "../size.ts";

export default defineNode({
  type: "guidegraph/collect",
  version: 1,
  title: "Collect",
  category: "tensors",
  description:
    "Puts the samples of a step behind those of the steps before, so that a loop gives all of a wire's values.",
  equation: "y = [before, x]",
  reference: "trajectory, intermediates, torch.cat",
  inputs: {
    tensor: port.tensor({ lazy: true }),
    before: port.tensor({
      optional: true,
      carried: true,
      help: "What it gave in the step before: carried by the loop.",
    }),
    condition: port.number({ default: 1, help: "0: not in this step; Step Interval picks steps." }),
  },
  outputs: { tensor: port.tensor({ optional: true, help: "Samples by step, then by picture." }) },
  infer: ({ tensor, before }, known) => {
    const { batch } = tensor ?? {};
    const { channels, height, width } = before ?? {};
    const size = sameSize({ tensor, before: facts<Size>({ channels, height, width }) });
    // Where every step is taken, and nothing is there before, so many are there in the end; else it is not known.
    const steps = known.parameter("condition") === 1 ? known.stepsFromNothing("before") : undefined;
    const all = batch !== undefined && steps !== undefined ? batch * steps : undefined;
    return { tensor: facts<TensorFacts>({ ...size, batch: all, meaning: tensor?.meaning }) };
  },
  needs: ({ condition }) => (condition === 0 ? [] : ["tensor"]),
  run: ({ tensor, before, condition }) => ({
    tensor: condition === 0 ? before : before ? joined(before, tensor) : tensor,
  }),
  collects: { each: "tensor", before: "before", when: "condition" },
  undrawn: "collects what several steps give",
});
