import { scale } from "../../diffusion/index.ts";
import { sameSize } from "../checks.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";
import { sameMeaning } from "./meaning.ts";

export default defineNode({
  type: "guidegraph/scale",
  version: 1,
  title: "Scale",
  category: "tensors",
  description: "Multiplies a tensor by a number, which a wire can change from step to step.",
  equation: "s · x",
  reference: "multiply, guidance scale, classifier_scale",
  inputs: { tensor: port.tensor(), scale: port.number({ default: 1 }) },
  outputs: { tensor: port.tensor() },
  infer: ({ tensor }) => ({ tensor: { ...sameSize({ tensor }), ...sameMeaning(tensor) } }),
  run: ({ tensor, scale: s }) => ({ tensor: scale(tensor, s) }),
  draw: ({ tensor, scale }, { op }) => ({ tensor: op.Mul(tensor, scale.value) }),
});
