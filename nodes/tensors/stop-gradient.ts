import { sameSize } from "../checks.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";
import { sameMeaning } from "./meaning.ts";

export default defineNode({
  type: "guidegraph/stop-gradient",
  version: 1,
  title: "Stop Gradient",
  category: "tensors",
  description: "Gives a tensor as it is, which a Differentiate around it takes for a constant, whatever made it.",
  equation: "y = x,  ∂y / ∂x = 0",
  reference: "stop_gradient, detach",
  inputs: { tensor: port.tensor() },
  outputs: { tensor: port.tensor() },
  infer: ({ tensor }) => ({ tensor: { ...sameSize({ tensor }), ...sameMeaning(tensor) } }),
  notesOf: (_given, _made, isDifferentiated) => ({
    tensor: isDifferentiated
      ? undefined
      : "It stops nothing: no Differentiate around it is by what this is made of; put it between the two, or remove it",
  }),
  run: ({ tensor }) => ({ tensor }),
  draw: ({ tensor }, { op }) => ({ tensor: op.StopGradient(tensor) }),
});
