import { planes, totalVariation } from "../../diffusion/index.ts";
import { atPort } from "../checks.ts";
import { defineNode, GraphError } from "../node.ts";
import * as port from "../port.ts";
import { oneEach, summed } from "./per-sample.ts";

export default defineNode({
  type: "guidegraph/total-variation",
  version: 1,
  title: "Total Variation",
  category: "losses",
  description: "Says for each sample how much neighbouring pixels differ: less of it is smoother.",
  equation: "L = Σ |x(p + e₁) − x(p)| + |x(p + e₂) − x(p)|",
  reference: "tv_loss, smoothness",
  inputs: {
    tensor: port.tensor(),
    measure: port.text({
      default: "absolute",
      choices: ["absolute", "squared"],
      help: "absolute keeps edges, squared blurs them.",
    }),
  },
  outputs: { loss: port.tensor({ own: true, help: "A number a sample, N×1×1×1." }) },
  infer: ({ tensor }) => {
    if (tensor?.height === 1 && tensor.width === 1)
      throw new GraphError("A single pixel has no neighbour, so its variation is always 0", "tensor");
    return { loss: oneEach(tensor) };
  },
  run: ({ tensor, measure }) => ({
    loss: atPort("tensor", () => totalVariation(tensor, measure as "absolute" | "squared")),
  }),
  draw: ({ tensor, measure }, drawing) => {
    const { op, shape } = drawing;
    atPort("tensor", () => planes(shape(tensor)));
    const part = (from: number, to: number, axis: number) =>
      op.Slice(tensor, op.int64([from]), op.int64([to]), op.int64([axis]));
    const along = (axis: number) => {
      const step = op.Sub(part(1, 2 ** 31, axis), part(0, -1, axis));
      return summed(drawing, measure === "absolute" ? op.Abs(step) : op.Mul(step, step));
    };
    return { loss: op.Add(along(2), along(3)) };
  },
});
