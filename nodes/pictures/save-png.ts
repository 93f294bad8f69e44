import { isDrawable } from "../../diffusion/index.ts";
import { defineNode, GraphError } from "../node.ts";
import * as port from "../port.ts";
import { renamed } from "../safe-stem.ts";
import { savedPictures } from "../saved.ts";
import { when } from "../when.ts";

export default defineNode({
  type: "guidegraph/save-png",
  version: 1,
  title: "Save PNG",
  category: "pictures",
  description: "Saves each picture as a PNG that carries the graph it was made by.",
  inputs: {
    images: port.image({
      lazy: true,
      help: "Of one channel, three or four: grey, RGB, RGBA.",
    }),
    name: port.text({ default: "sample", help: "What the files are called; a number follows." }),
    when,
  },
  outputs: {},
  effect: true,
  infer: ({ images }) => {
    wantDrawable(images?.channels);
    return {};
  },
  notes: (parameter) => ({ name: renamed(parameter("name")) }),
  saves: ({ images }) => savedPictures(images, false),
  needs: ({ when }) => (when === 0 ? [] : ["images"]),
  run: async ({ images, name, when }, world) => {
    if (when === 0) return {};
    wantDrawable(images.dims[3]);
    await world.outputs.png(name, images);
    return {};
  },
});

function wantDrawable(channels: number | undefined): void {
  if (channels !== undefined && !isDrawable(channels))
    throw new GraphError(
      `Cannot save pictures of ${channels} channels as PNG, which is grey, RGB or RGBA: use Save NPZ, or Save Tensor before they are decoded`,
      "images",
    );
}
