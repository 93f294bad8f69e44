import { type Over, type Reduction, reduce } from "../../diffusion/index.ts";
import { facts } from "../checks.ts";
import { lengthOf, scaled } from "../lengths.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";
import type { Size } from "../size.ts";
import { oneEach } from "./per-sample.ts";

export default defineNode({
  type: "guidegraph/reduce",
  version: 1,
  title: "Reduce",
  category: "losses",
  description: "Makes one number of many: of each sample, of the channels at each pixel, or of each channel's plane.",
  equation: "Σ x,  1/n · Σ x,  max x,  √Σ x²,  √(1/n · Σ (x − x̄)²)",
  reference: "sum, mean, max, norm, std, global average pool",
  inputs: {
    tensor: port.tensor(),
    by: port.text({ default: "sum", choices: ["sum", "mean", "max", "norm", "deviation"] }),
    over: port.text({
      default: "sample",
      choices: ["sample", "channels", "space"],
      help: "sample gives N×1×1×1, channels N×1×H×W, space N×C×1×1.",
    }),
  },
  outputs: { tensor: port.tensor({ own: true }) },
  infer: ({ tensor = {} }, known) => ({ tensor: reducedSize(tensor, known.parameter("over")) }),
  run: ({ tensor, by, over }) => ({ tensor: reduce(tensor, by as Reduction, over as Over) }),
  draw: ({ tensor, by, over }, { op }) => {
    const axes = op.int64({ sample: [1, 2, 3], channels: [1], space: [2, 3] }[over as Over]);
    const drawn = {
      sum: () => op.ReduceSum(tensor, axes),
      mean: () => op.ReduceMean(tensor, axes),
      max: () => op.ReduceMax(tensor, axes),
      norm: () => lengthOf(op, tensor, axes),
      deviation: () => {
        const { unit, scale } = scaled(op, op.Sub(tensor, op.ReduceMean(tensor, axes)), axes);
        return op.Mul(op.Sqrt(op.ReduceMean(op.Mul(unit, unit), axes)), scale);
      },
    } satisfies Record<Reduction, () => string>;
    return { tensor: drawn[by as Reduction]() };
  },
});

function reducedSize({ batch, channels, height, width }: Size, over: unknown): Size {
  if (over === "sample") return oneEach({ ...facts({ batch }) });
  if (over === "channels") return { ...facts({ batch, height, width }), channels: 1 };
  return over === "space" ? { ...facts({ batch, channels }), height: 1, width: 1 } : facts({ batch });
}
