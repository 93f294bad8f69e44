import { type Interpolation, lowPass, separable } from "../../diffusion/index.ts";
import { sameSize } from "../checks.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";
import { sameMeaning } from "./meaning.ts";
import { drawnSeparable, drawnSides, pictureSides } from "./separable.ts";

export default defineNode({
  type: "guidegraph/low-pass",
  version: 1,
  title: "Low Pass",
  category: "tensors",
  description: "Makes pictures smaller and as large again, which leaves what is coarse in them.",
  equation: "φ_N(x) = up_N(down_N(x))",
  reference: "ILVR, low-pass filter, φ_N",
  inputs: {
    tensor: port.tensor(),
    factor: port.number({
      default: 4,
      min: 1,
      max: 1024,
      integer: true,
      help: "N: what is finer than so many pixels goes.",
    }),
    method: port.text({ default: "cubic", choices: ["linear", "cubic"] }),
  },
  outputs: { tensor: port.tensor() },
  infer: ({ tensor }) => ({ tensor: { ...sameSize({ tensor }), ...sameMeaning(tensor) } }),
  run: ({ tensor, factor, method }) => {
    const [rows, columns] = pictureSides(tensor).map((side) => lowPass(side, factor, method as Interpolation));
    return { tensor: separable(tensor, rows, columns) };
  },
  draw: ({ tensor, factor, method }, drawing) => {
    const sides = drawnSides(drawing, tensor);
    const [rows, columns] = sides.map((side) => drawing.constant(lowPass(side, factor.fixed, method as Interpolation)));
    return { tensor: drawnSeparable(drawing, tensor, rows, columns) };
  },
});
