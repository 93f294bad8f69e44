import { decode, planes } from "../../diffusion/index.ts";
import { atPort, sameSize, wantMeaning } from "../checks.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";

export default defineNode({
  type: "guidegraph/decode-image",
  version: 1,
  title: "Decode Image",
  category: "pictures",
  description: "Turns a model's values into pictures.",
  equation: "byte = ⌊clamp((x + 1) · 127.5, 0, 255)⌋",
  reference: "((sample + 1) * 127.5).clamp(0, 255).to(th.uint8)",
  inputs: { x: port.tensor({ meaning: "x" }) },
  outputs: { image: port.image() },
  infer: ({ x }) => {
    wantMeaning({ x }, "x", "x0", "mean");
    return { image: sameSize({ x }) };
  },
  undrawn: "rounds to bytes",
  run: ({ x }) => ({ image: atPort("x", () => decode(x)) }),
  draw: ({ x }, { image, shape }) => {
    atPort("x", () => planes(shape(x)));
    return { image: image(x) };
  },
});
