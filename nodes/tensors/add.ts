import { add, broadcastBatch } from "../../diffusion/index.ts";
import { atPort, broadcastSize, numbersSizes, sameSize } from "../checks.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";
import { sumMeaning } from "./meaning.ts";

export default defineNode({
  type: "guidegraph/add",
  version: 1,
  title: "Add",
  category: "tensors",
  description: "Adds two tensors, so that two gradients can ask for two things at once.",
  equation: "a·wₐ + b·w_b",
  reference: "sum, subtract, mix, combine gradients",
  inputs: {
    a: port.tensor(),
    b: port.tensor({ help: "One sample serves all." }),
    weight_a: port.numbers({ default: 1 }),
    weight_b: port.numbers({ default: 1, help: "−1 subtracts." }),
  },
  outputs: { tensor: port.tensor() },
  infer: ({ a, b, weight_a, weight_b }) => ({
    tensor: {
      ...sameSize({ a: broadcastSize({ a, b }), ...numbersSizes({ weight_a, weight_b }) }),
      ...sumMeaning(a, b),
    },
  }),
  run: ({ a, b, weight_a, weight_b }) => ({
    tensor: atPort("b", () => add(...broadcastBatch(a, b), weight_a, weight_b)),
  }),
  draw: ({ a, b, weight_a, weight_b }, { op }) => ({ tensor: op.Add(op.Mul(a, weight_a), op.Mul(b, weight_b)) }),
});
