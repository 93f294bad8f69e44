import { encode } from "../../diffusion/index.ts";
import { sameSize } from "../checks.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";

export default defineNode({
  type: "guidegraph/encode-image",
  version: 1,
  title: "Encode Image",
  category: "pictures",
  description: "Turns pictures into the values a model works with.",
  equation: "x₀ = byte / 127.5 − 1",
  reference: "ImageDataset",
  inputs: { image: port.image() },
  outputs: { x0: port.tensor({ meaning: "x0" }) },
  infer: ({ image }) => ({ x0: { ...sameSize({ image }), meaning: "x0" } }),
  undrawn: "reads bytes, which have no derivative",
  run: ({ image }) => ({ x0: encode(image) }),
  draw: ({ image }) => ({ x0: image.values() }),
});
