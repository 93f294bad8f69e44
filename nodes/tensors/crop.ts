import { cropping, separable } from "../../diffusion/index.ts";
import { facts, knownNumber } from "../checks.ts";
import type { DrawnNumber } from "../drawing.ts";
import { defineNode, GraphError } from "../node.ts";
import * as port from "../port.ts";
import { drawnSeparable, drawnSides, pictureSides } from "./separable.ts";

const pixels = { min: -8192, max: 8192, integer: true } as const;
const side = { min: 1, max: 8192, integer: true } as const;

export default defineNode({
  type: "guidegraph/crop",
  version: 1,
  title: "Crop",
  category: "tensors",
  description: "Takes a part of pictures; what it takes from outside of them is zero, so that it pads them too.",
  equation: "y(p) = x(p + (top, left))",
  reference: "crop, cutout",
  inputs: {
    tensor: port.tensor(),
    top: port.number({ default: 0, ...pixels, help: "Where the part begins, in pixels; below 0 it begins outside." }),
    left: port.number({ default: 0, ...pixels }),
    height: port.number({ default: 16, ...side, help: "Of the part, in pixels." }),
    width: port.number({ default: 16, ...side }),
  },
  outputs: { tensor: port.tensor() },
  infer: ({ tensor }, known) => {
    const [height, width] = ["height", "width"].map((name) => knownNumber(known.parameter(name)));
    const { batch, channels, meaning } = tensor ?? {};
    wantInside("top", tensor?.height, knownNumber(known.parameter("top")), height);
    wantInside("left", tensor?.width, knownNumber(known.parameter("left")), width);
    return { tensor: facts({ batch, channels, height, width, meaning }) };
  },
  run: ({ tensor, top, left, height, width }) => {
    const [h, w] = pictureSides(tensor);
    wantInside("top", h, top, height);
    wantInside("left", w, left, width);
    return { tensor: separable(tensor, cropping(h, top, height), cropping(w, left, width)) };
  },
  // Where the part begins may change from step to step, and the graph stays the same.
  draw: ({ tensor, top, left, height, width }, drawing) => {
    const [h, w] = drawnSides(drawing, tensor);
    const part = (port: string, begin: DrawnNumber, side: number, length: number) =>
      begin.tensor((value) => {
        wantInside(port, side, value, length);
        return cropping(side, value, length);
      });
    const [rows, columns] = [part("top", top, h, height.fixed), part("left", left, w, width.fixed)];
    return { tensor: drawnSeparable(drawing, tensor, rows, columns) };
  },
});

/** Throws a GraphError for a part that has nothing of the picture, which would be all zeros. */
function wantInside(
  port: string,
  side: number | undefined,
  begin: number | undefined,
  length: number | undefined,
): void {
  if (side === undefined || begin === undefined || length === undefined) return;
  if (begin >= side || begin + length <= 0)
    throw new GraphError(
      `Nothing of the picture is in the part: it has pixels 0 to ${side - 1}, and the part ${begin} to ${begin + length - 1}`,
      port,
    );
}
