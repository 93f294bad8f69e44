import { grid, gridSides } from "../../diffusion/index.ts";
import { facts, knownNumber } from "../checks.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";

export default defineNode({
  type: "guidegraph/grid",
  version: 1,
  title: "Grid",
  category: "pictures",
  description: "Lays the pictures of a batch out in one.",
  reference: "make_grid, contact sheet",
  inputs: {
    images: port.image(),
    columns: port.number({ default: 0, min: 0, max: 4096, integer: true, help: "0: about square." }),
    gap: port.number({ default: 2, min: 0, max: 256, integer: true, help: "Pixels between pictures." }),
  },
  outputs: { image: port.image() },
  infer: ({ images = {} }, known) => {
    const [columns, gap] = ["columns", "gap"].map((name) => knownNumber(known.parameter(name)));
    const { batch, channels, height, width } = images;
    if ([batch, height, width, columns, gap].includes(undefined)) return { image: facts({ batch: 1, channels }) };
    const sheet = gridSides([batch!, height!, width!], columns!, gap!);
    return { image: facts({ batch: 1, channels, height: sheet.height, width: sheet.width }) };
  },
  undrawn: "lays pictures out for the eye",
  run: ({ images, columns, gap }) => ({ image: grid(images, columns, gap) }),
});
