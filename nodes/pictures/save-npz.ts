import { labelled, labelsFor, sameSize } from "../checks.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";
import { savedPictures } from "../saved.ts";
import { when } from "../when.ts";

export default defineNode({
  type: "guidegraph/save-npz",
  version: 1,
  title: "Save NPZ",
  category: "pictures",
  description: "Saves the pictures of all batches, and their labels, in one file that evaluation scripts read.",
  reference: "np.savez(out_path, arr, label_arr)",
  inputs: {
    images: port.image({ lazy: true }),
    labels: port.labels({ optional: true }),
    num_samples: port.number({
      default: 0,
      min: 0,
      max: 10_000_000,
      integer: true,
      help: "Cut to so many pictures; 0: all.",
    }),
    when,
  },
  outputs: {},
  effect: true,
  infer: ({ images, labels }) => {
    sameSize({ images, labels: labelled(labels) });
    return {};
  },
  saves: ({ images }) => savedPictures(images, true),
  needs: ({ when }) => (when === 0 ? [] : ["images"]),
  run: async ({ images, labels, num_samples, when }, world) => {
    if (when === 0) return {};
    const each = labels && { ...labels, values: labelsFor(labels.values, images.dims[0]) };
    await world.outputs.npz(images, each, num_samples);
    return {};
  },
});
