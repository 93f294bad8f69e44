import { scale } from "../../diffusion/index.ts";
import { atPort, numbersSizes, sameSize } from "../checks.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";
import { sameMeaning } from "./meaning.ts";

export default defineNode({
  type: "guidegraph/scale",
  version: 1,
  title: "Scale",
  category: "tensors",
  description:
    "Multiplies a tensor by a number, or each sample by one of its own, which a wire can change from step to step.",
  equation: "s · x",
  reference: "multiply, guidance scale, classifier_scale",
  inputs: {
    tensor: port.tensor(),
    scale: port.numbers({ default: 1, help: "One for all, or one a sample, N×1×1×1." }),
  },
  outputs: { tensor: port.tensor() },
  infer: ({ tensor, scale }) => ({
    tensor: { ...sameSize({ tensor, ...numbersSizes({ scale }) }), ...sameMeaning(tensor) },
  }),
  run: ({ tensor, scale: s }) => ({ tensor: atPort("scale", () => scale(tensor, s)) }),
  draw: ({ tensor, scale }, { op }) => ({ tensor: op.Mul(tensor, scale) }),
});
