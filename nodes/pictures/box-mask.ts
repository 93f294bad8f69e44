import { boxMask } from "../../diffusion/index.ts";
import { facts, knownNumber, sidesOf } from "../checks.ts";
import { defineNode, GraphError } from "../node.ts";
import * as port from "../port.ts";
import { sideParameters, squareBefore } from "../sides.ts";

export default defineNode({
  type: "guidegraph/box-mask",
  version: 2,
  title: "Box Mask",
  category: "pictures",
  description: "Draws a mask: a white rectangle on black, placed in parts of the picture's sides.",
  reference: "inpainting mask",
  inputs: {
    model: port.model({ factsAlone: true, optional: true, help: "Supplies height and width." }),
    ...sideParameters,
    left: port.number({ default: 0, min: 0, max: 1 }),
    top: port.number({ default: 0, min: 0, max: 1 }),
    right: port.number({ default: 0.5, min: 0, max: 1 }),
    bottom: port.number({ default: 1, min: 0, max: 1 }),
  },
  outputs: { image: port.image() },
  migrations: squareBefore,
  infer: ({ model }, known) => {
    const [height, width] = ["height", "width"].map((name) => knownNumber(known.parameter(name)));
    if (height === 0 && !model) throw noSize();
    const [left, top, right, bottom] = ["left", "top", "right", "bottom"].map((name) =>
      knownNumber(known.parameter(name)),
    );
    wantForward({ left, top, right, bottom });
    return { image: facts({ batch: 1, channels: 1, ...sidesOf(height, width, model) }) };
  },
  run: ({ model, height, width, ...box }) => {
    const sides = sidesOf(height, width, model?.facts);
    if (!sides.height || !sides.width) throw noSize();
    wantForward(box);
    return { image: boxMask(sides.height, sides.width, box) };
  },
});

const noSize = () => new GraphError("Cannot tell the size of the mask: set height, or wire a model", "height");

type Box = Readonly<Record<"left" | "top" | "right" | "bottom", number | undefined>>;

/** Throws a GraphError for a box that ends before it begins, which would be a mask of nothing. */
function wantForward({ left, top, right, bottom }: Box): void {
  for (const [port, from, to] of [
    ["right", left, right],
    ["bottom", top, bottom],
  ] as const)
    if (from !== undefined && to !== undefined && to < from)
      throw new GraphError(`Nothing lies between ${from} and ${to}: ${port} must not be the smaller`, port);
}
