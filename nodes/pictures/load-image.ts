import { centreSquare } from "../../diffusion/index.ts";
import { facts, knownNumber } from "../checks.ts";
import { defineNode, GraphError } from "../node.ts";
import * as port from "../port.ts";

export default defineNode({
  type: "guidegraph/load-image",
  version: 1,
  title: "Load Image",
  category: "pictures",
  description: "Loads a picture, or the pictures of an NPZ, cut to the middle square where a size is given.",
  reference: "center_crop_arr",
  inputs: {
    file: port.text({ default: "", file: "image", help: "A file of the images folder." }),
    size: port.number({ default: 0, min: 0, max: 4096, integer: true, help: "Pixels a side; 0: as it is." }),
  },
  outputs: {
    image: port.image(),
    labels: port.labels({ optional: true, help: "Where the NPZ has some (arr_1)." }),
  },
  infer: (_, known) => {
    const [file, size] = ["file", "size"].map((name) => known.parameter(name));
    if (file === "") throw noFile();
    if (typeof file !== "string") return {};
    const { batch, channels, size: stored, labels } = known.image(file);
    return {
      image: facts({ batch, channels, size: knownNumber(size) || (size === 0 ? stored : undefined) }),
      ...(labels ? { labels: facts({ batch, max: labels.max }) } : {}),
    };
  },
  run: async ({ file, size }, world) => {
    if (file === "") throw noFile();
    const { pictures, labels } = await world.images.load(file);
    return {
      image: size > 0 ? centreSquare(pictures, size) : pictures,
      ...(labels ? { labels: { values: labels } } : {}),
    };
  },
});

const noFile = () => new GraphError("Cannot load an image: choose a file", "file");
