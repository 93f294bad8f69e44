import { blurring, separable } from "../../diffusion/index.ts";
import { sameSize } from "../checks.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";
import { sameMeaning } from "./meaning.ts";
import { drawnSeparable, drawnSides, pictureSides } from "./separable.ts";

export default defineNode({
  type: "guidegraph/blur",
  version: 1,
  title: "Blur",
  category: "tensors",
  description: "Blurs pictures by a Gaussian, as the degradation that a deblurring undoes, say.",
  equation: "y(p) = Σ_q exp(−(p − q)²/2σ²) · x(q) / Σ",
  reference: "gaussian_blur, deblurring operator, low pass",
  inputs: {
    tensor: port.tensor(),
    sigma: port.number({ default: 1, min: 0, max: 1000, help: "Its deviation in pixels; 0 leaves all as it is." }),
  },
  outputs: { tensor: port.tensor() },
  infer: ({ tensor }) => ({ tensor: { ...sameSize({ tensor }), ...sameMeaning(tensor) } }),
  run: ({ tensor, sigma }) => {
    const [h, w] = pictureSides(tensor);
    return { tensor: separable(tensor, blurring(h, sigma), blurring(w, sigma)) };
  },
  draw: ({ tensor, sigma }, drawing) => {
    const [rows, columns] = drawnSides(drawing, tensor).map((side) => sigma.tensor((sigma) => blurring(side, sigma)));
    return { tensor: drawnSeparable(drawing, tensor, rows, columns) };
  },
});
