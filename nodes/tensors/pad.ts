import { type Border, padding, separable } from "../../diffusion/index.ts";
import { atPort, facts, knownNumber } from "../checks.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";
import { sameMeaning } from "./meaning.ts";
import { drawnSeparable, drawnSides, pictureSides } from "./separable.ts";

const pixels = () => port.number({ default: 0, min: 0, max: 8192, integer: true });

export default defineNode({
  type: "guidegraph/pad",
  version: 1,
  title: "Pad",
  category: "tensors",
  description: "Puts pixels around pictures: zeros, the outermost ones again, or the picture mirrored.",
  equation: "y(p) = x(p − (top, left))",
  reference: "pad, outpainting, reflect",
  inputs: {
    tensor: port.tensor(),
    top: port.number({ default: 0, min: 0, max: 8192, integer: true, help: "How many pixels on each side." }),
    bottom: pixels(),
    left: pixels(),
    right: pixels(),
    with: port.text({
      default: "zeros",
      choices: ["zeros", "edge", "mirror"],
      help: "mirror leaves out the outermost pixel, and goes no further than the picture.",
    }),
  },
  outputs: { tensor: port.tensor() },
  infer: ({ tensor }, known) => {
    const { batch, channels, height, width } = tensor ?? {};
    const around = (side: number | undefined, ...names: readonly string[]) => {
      const [before, after] = names.map((name) => knownNumber(known.parameter(name)));
      if (side === undefined || before === undefined || after === undefined) return undefined;
      const border = known.parameter("with");
      if (typeof border === "string") atPort(names[0], () => padding(side, before, after, border as Border));
      return side + before + after;
    };
    const size = { height: around(height, "top", "bottom"), width: around(width, "left", "right") };
    return { tensor: { ...facts({ batch, channels, ...size }), ...sameMeaning(tensor) } };
  },
  run: ({ tensor, top, bottom, left, right, with: border }) => {
    const [h, w] = pictureSides(tensor);
    const rows = atPort("top", () => padding(h, top, bottom, border as Border));
    const columns = atPort("left", () => padding(w, left, right, border as Border));
    return { tensor: separable(tensor, rows, columns) };
  },
  draw: ({ tensor, top, bottom, left, right, with: border }, drawing) => {
    const [h, w] = drawnSides(drawing, tensor);
    const rows = atPort("top", () => padding(h, top.fixed, bottom.fixed, border as Border));
    const columns = atPort("left", () => padding(w, left.fixed, right.fixed, border as Border));
    return { tensor: drawnSeparable(drawing, tensor, drawing.constant(rows), drawing.constant(columns)) };
  },
});
