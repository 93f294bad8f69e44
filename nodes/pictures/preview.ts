import { defineNode } from "../node.ts";
import * as port from "../port.ts";

export default defineNode({
  type: "guidegraph/preview",
  version: 1,
  title: "Preview",
  category: "pictures",
  description: "Shows pictures on the node.",
  inputs: {
    images: port.image({
      help: "Of one channel grey, of three or four RGB; of others the mean of their channels, in grey.",
    }),
  },
  outputs: {},
  effect: true,
  infer: () => ({}),
  run: ({ images }, world) => {
    world.outputs.preview(images);
    return {};
  },
});
