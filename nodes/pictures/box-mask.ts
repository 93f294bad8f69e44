import { boxMask } from "../../diffusion/index.ts";
import { facts, knownNumber } from "../checks.ts";
import { defineNode, GraphError } from "../node.ts";
import * as port from "../port.ts";

export default defineNode({
  type: "guidegraph/box-mask",
  version: 1,
  title: "Box Mask",
  category: "pictures",
  description: "Draws a mask: a white rectangle on black, placed in parts of the picture's side.",
  reference: "inpainting mask",
  inputs: {
    model: port.model({ optional: true, help: "Supplies the size." }),
    size: port.number({ default: 0, min: 0, max: 4096, integer: true, help: "Pixels a side; 0: from the model." }),
    left: port.number({ default: 0, min: 0, max: 1 }),
    top: port.number({ default: 0, min: 0, max: 1 }),
    right: port.number({ default: 0.5, min: 0, max: 1 }),
    bottom: port.number({ default: 1, min: 0, max: 1 }),
  },
  outputs: { image: port.image() },
  infer: ({ model }, known) => {
    const size = knownNumber(known.parameter("size"));
    if (size === 0 && !model) throw noSize();
    return { image: facts({ batch: 1, channels: 1, size: size === 0 ? model?.size : size }) };
  },
  run: ({ model, size, ...box }) => {
    const side = size || model?.facts.size;
    if (!side) throw noSize();
    return { image: boxMask(side, box) };
  },
});

const noSize = () => new GraphError("Cannot tell the size of the mask: set it, or wire a model", "size");
