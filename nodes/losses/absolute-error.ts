import { absoluteError, broadcastBatch } from "../../diffusion/index.ts";
import { atPort, broadcastSize, sameSize } from "../checks.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";
import { comparedInputs, drawnWeights, maskSize, oneEach, summed, weightsOf } from "./per-sample.ts";

export default defineNode({
  type: "guidegraph/absolute-error",
  version: 1,
  title: "Absolute Error",
  category: "losses",
  description:
    "Says for each sample how far a tensor is from a target, large differences counting no more than small ones.",
  equation: "L = Σ w · |x − y|",
  reference: "l1_loss",
  inputs: {
    ...comparedInputs,
    measure: port.text({ default: "sum", choices: ["sum", "mean"], help: "mean does not grow with the picture." }),
  },
  outputs: { loss: port.tensor({ own: true, help: "A number a sample, N×1×1×1." }) },
  infer: ({ tensor, target, mask }) => {
    const size = broadcastSize({ tensor, target });
    return { loss: oneEach(sameSize({ tensor: size, mask: maskSize(mask, size) })) };
  },
  run: ({ tensor, target, mask, measure }) => {
    const [x, y] = broadcastBatch(tensor, target);
    return { loss: atPort("target", () => absoluteError(x, y, measure as "sum" | "mean", weightsOf(mask, x))) };
  },
  draw: ({ tensor, target, mask, measure }, drawing) => {
    const { op } = drawing;
    const difference = op.Sub(tensor, target);
    const { weights, total } = drawnWeights(drawing, mask, difference);
    const sum = summed(drawing, op.Mul(weights, op.Abs(difference)));
    return { loss: measure === "mean" ? op.Div(sum, op.Where(op.Equal(total, 0), 1, total)) : sum };
  },
});
