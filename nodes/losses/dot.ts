import { broadcastBatch, dots } from "../../diffusion/index.ts";
import { atPort, broadcastSize } from "../checks.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";
import { oneEach } from "./per-sample.ts";

export default defineNode({
  type: "guidegraph/dot",
  version: 1,
  title: "Dot",
  category: "losses",
  description: "Multiplies two tensors and sums over each sample: how much of one lies in the other.",
  equation: "⟨a, b⟩ = Σ a · b",
  reference: "inner product, CFG-Zero*",
  inputs: { a: port.tensor(), b: port.tensor({ help: "One sample serves all." }) },
  outputs: { product: port.tensor({ own: true, help: "A number a sample, N×1×1×1." }) },
  infer: ({ a, b }) => ({ product: oneEach(broadcastSize({ a, b })) }),
  run: ({ a, b }) => ({ product: atPort("b", () => dots(...broadcastBatch(a, b))) }),
  draw: ({ a, b }, { op }) => ({ product: op.ReduceSum(op.Mul(a, b), op.int64([1, 2, 3])) }),
});
