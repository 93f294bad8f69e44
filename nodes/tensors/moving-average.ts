import { add } from "../../diffusion/index.ts";
import { sameSize } from "../checks.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";
import { sameMeaning } from "./meaning.ts";

export default defineNode({
  type: "guidegraph/moving-average",
  version: 1,
  title: "Moving Average",
  category: "tensors",
  description: "Remembers a tensor from step to step: an exponential average of it, or a momentum that adds it up.",
  equation: "y = decay · y′ + w · x, with w = 1 − decay (average) or 1 (momentum); y = x at first",
  reference: "EMA, momentum, torch.lerp",
  inputs: {
    tensor: port.tensor(),
    before: port.tensor({
      optional: true,
      carried: true,
      help: "What it gave in the step before: carried by the loop, absent at first.",
    }),
    decay: port.number({
      default: 0.5,
      help: "How much of it stays; below 0 it is taken away, as APG does (arXiv:2410.02416).",
    }),
    kind: port.text({ default: "average", choices: ["average", "momentum"] }),
  },
  outputs: { tensor: port.tensor({ help: "Also to be carried." }) },
  infer: ({ tensor, before }) => ({ tensor: { ...sameSize({ tensor, before }), ...sameMeaning(tensor) } }),
  run: ({ tensor, before, decay, kind }) => ({
    tensor: before ? add(before, tensor, decay, weight(kind, decay)) : tensor,
  }),
  draw: ({ tensor, before, decay, kind }, { op }) => {
    if (!before) return { tensor };
    const own = kind === "average" ? op.Mul(tensor, op.Sub(1, decay.value)) : tensor;
    return { tensor: op.Add(op.Mul(before, decay.value), own) };
  },
});

const weight = (kind: string, decay: number): number => (kind === "average" ? 1 - decay : 1);
