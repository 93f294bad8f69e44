import { broadcastBatch, type Measure, squaredError } from "../../diffusion/index.ts";
import { atPort, broadcastSize, sameSize } from "../checks.ts";
import { lengthOf } from "../lengths.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";
import { comparedInputs, drawnWeights, maskSize, oneEach, summed, weightsOf } from "./per-sample.ts";

export default defineNode({
  type: "guidegraph/squared-error",
  version: 1,
  title: "Squared Error",
  category: "losses",
  description: "Says for each sample how far a tensor is from a target, which may be known in parts only.",
  equation: "L = Σ w · (x − y)²",
  reference: "mse_loss, ‖y − A x̂₀‖², reconstruction guidance",
  inputs: {
    ...comparedInputs,
    measure: port.text({
      default: "sum",
      choices: ["sum", "mean", "norm"],
      help: "norm is the root of the sum, as DPS steps by; mean does not grow with the picture.",
    }),
  },
  outputs: { loss: port.tensor({ own: true, help: "A number a sample, N×1×1×1." }) },
  infer: ({ tensor, target, mask }) => {
    const size = broadcastSize({ tensor, target });
    return { loss: oneEach(sameSize({ tensor: size, mask: maskSize(mask, size) })) };
  },
  run: ({ tensor, target, mask, measure }) => {
    const [x, y] = broadcastBatch(tensor, target);
    return { loss: atPort("target", () => squaredError(x, y, measure as Measure, weightsOf(mask, x))) };
  },
  draw: ({ tensor, target, mask, measure }, drawing) => {
    const { op } = drawing;
    const difference = op.Sub(tensor, target);
    const { weights, total } = drawnWeights(drawing, mask, difference);
    if (measure === "norm") return { loss: lengthOf(op, op.Mul(op.Sqrt(weights), difference), op.int64([1, 2, 3])) };
    const sum = summed(drawing, op.Mul(weights, op.Mul(difference, difference)));
    return { loss: measure === "mean" ? op.Div(sum, op.Where(op.Equal(total, 0), 1, total)) : sum };
  },
});
