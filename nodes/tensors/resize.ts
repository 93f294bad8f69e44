import { type Interpolation, resizing, separable } from "../../diffusion/index.ts";
import { facts, knownNumber } from "../checks.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";
import { drawnSeparable, drawnSides, pictureSides } from "./separable.ts";

export default defineNode({
  type: "guidegraph/resize",
  version: 1,
  title: "Resize",
  category: "tensors",
  description: "Makes pictures larger or smaller, as the degradation that a restoration undoes, say.",
  equation: "y = R · x · Cᵀ",
  reference: "interpolate, downsample, super-resolution operator",
  inputs: {
    tensor: port.tensor(),
    height: port.number({ default: 16, min: 1, max: 8192, integer: true, help: "In pixels." }),
    width: port.number({ default: 16, min: 1, max: 8192, integer: true, help: "In pixels." }),
    method: port.text({ default: "linear", choices: ["nearest", "linear", "cubic"] }),
    antialias: port.boolean({ default: true, help: "Averages where it shrinks, as picture programs do." }),
  },
  outputs: { tensor: port.tensor() },
  infer: ({ tensor }, known) => {
    const [height, width] = ["height", "width"].map((name) => knownNumber(known.parameter(name)));
    const { batch, channels } = tensor ?? {};
    return { tensor: facts({ batch, channels, height, width, meaning: tensor?.meaning }) };
  },
  run: ({ tensor, height, width, method, antialias }) => {
    const [h, w] = pictureSides(tensor);
    const by = method as Interpolation;
    return {
      tensor: separable(tensor, resizing(h, height, by, antialias), resizing(w, width, by, antialias)),
    };
  },
  draw: ({ tensor, height, width, method, antialias }, drawing) => {
    const [h, w] = drawnSides(drawing, tensor);
    const by = method as Interpolation;
    const [rows, columns] = [resizing(h, height.fixed, by, antialias), resizing(w, width.fixed, by, antialias)];
    return { tensor: drawnSeparable(drawing, tensor, drawing.constant(rows), drawing.constant(columns)) };
  },
});
