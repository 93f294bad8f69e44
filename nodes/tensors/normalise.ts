import { broadcastBatch, normalise, normaliseLike } from "../../diffusion/index.ts";
import { atPort, broadcastSize, numbersSizes, sameSize } from "../checks.ts";
import { lengthOf, scaled } from "../lengths.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";
import { sameMeaning } from "./meaning.ts";

export default defineNode({
  type: "guidegraph/normalise",
  version: 1,
  title: "Normalise",
  category: "tensors",
  description: "Scales each sample of a tensor to a given length, or to the length of another tensor's sample.",
  equation: "x · n / ‖x‖",
  reference: "normalize, gradient norm",
  inputs: {
    tensor: port.tensor(),
    like: port.tensor({ optional: true, help: "Take the length from here; norm then multiplies it." }),
    norm: port.numbers({ default: 1, min: 0, help: "One for all, or one a sample." }),
    measure: port.text({
      default: "euclidean",
      choices: ["euclidean", "root-mean-square"],
      help: "Root-mean-square does not grow with the picture.",
    }),
  },
  outputs: { tensor: port.tensor() },
  infer: ({ tensor, like, norm }) => ({
    tensor: {
      ...sameSize({ tensor: broadcastSize({ tensor, like }), ...numbersSizes({ norm }) }),
      ...sameMeaning(tensor),
    },
  }),
  run: ({ tensor, like, norm, measure }) => ({
    tensor: atPort("norm", () =>
      like
        ? normaliseLike(...broadcastBatch(tensor, like), norm)
        : normalise(tensor, norm, measure as "euclidean" | "root-mean-square"),
    ),
  }),
  draw: ({ tensor, like, norm, measure }, { op, shape }) => {
    const size = shape(tensor)
      .slice(1)
      .reduce<number>((product, dim) => product * Number(dim), 1);
    const axes = op.int64([1, 2, 3]);
    const { unit } = scaled(op, tensor, axes);
    const own = op.ReduceL2(unit, axes);
    const wanted = op.Mul(norm, like ? lengthOf(op, like, axes) : measure === "euclidean" ? 1 : Math.sqrt(size));
    // A sample of zeros stays as it is.
    const isZero = op.Equal(own, 0);
    return { tensor: op.Where(isZero, tensor, op.Mul(unit, op.Div(wanted, op.Where(isZero, 1, own)))) };
  },
});
