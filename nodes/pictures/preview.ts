import { defineNode } from "../node.ts";
import * as port from "../port.ts";

export default defineNode({
  type: "guidegraph/preview",
  version: 1,
  title: "Preview",
  category: "pictures",
  description: "Shows pictures on the node.",
  inputs: {
    images: port.image({ help: "Of more than three channels the first three are shown, as red, green and blue." }),
  },
  outputs: {},
  effect: true,
  infer: () => ({}),
  run: ({ images }, world) => {
    world.outputs.preview(images);
    return {};
  },
});
