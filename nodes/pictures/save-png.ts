import { defineNode, GraphError } from "../node.ts";
import * as port from "../port.ts";
import { savedPictures } from "../weight.ts";

export default defineNode({
  type: "guidegraph/save-png",
  version: 1,
  title: "Save PNG",
  category: "pictures",
  description: "Saves each picture as a PNG that carries the graph it was made by.",
  inputs: {
    images: port.image({ help: "Of one channel to four: grey, grey and alpha, RGB, RGBA." }),
    name: port.text({ default: "sample", help: "What the files are called; a number follows." }),
  },
  outputs: {},
  effect: true,
  infer: ({ images }) => {
    if (images?.channels !== undefined && images.channels > 4)
      throw new GraphError(
        `Cannot save pictures of ${images.channels} channels as PNG, which has one to four: use Save NPZ`,
        "images",
      );
    return {};
  },
  saves: ({ images }) => savedPictures(images, false),
  run: async ({ images, name }, world) => {
    await world.outputs.png(name, images);
    return {};
  },
});
