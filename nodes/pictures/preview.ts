import { defineNode } from "../node.ts";
import * as port from "../port.ts";
import { when } from "../when.ts";

export default defineNode({
  type: "guidegraph/preview",
  version: 1,
  title: "Preview",
  category: "pictures",
  description: "Shows pictures on the node.",
  inputs: {
    images: port.image({
      lazy: true,
      help: "Of one channel grey, of three or four RGB; of others the mean of their channels, in grey.",
    }),
    when,
  },
  outputs: {},
  effect: true,
  infer: () => ({}),
  needs: ({ when }) => (when === 0 ? [] : ["images"]),
  run: ({ images, when }, world) => {
    if (when === 0) return {};
    world.outputs.preview(images);
    return {};
  },
});
