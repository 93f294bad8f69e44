import { centreSquare, takeRound } from "../../diffusion/index.ts";
import { facts, knownNumber } from "../checks.ts";
import { defineNode, GraphError } from "../node.ts";
import * as port from "../port.ts";
import { channelsFor, followed } from "./channels.ts";
import { taken, takenParameters } from "./taken.ts";

export default defineNode({
  type: "guidegraph/load-image",
  version: 1,
  title: "Load Image",
  category: "pictures",
  description: "Loads a picture, a folder or an NPZ of them, cut to the middle square where a size is given.",
  reference: "center_crop_arr",
  inputs: {
    model: port.model({ optional: true, help: "The network they are for: grey where it has one channel." }),
    file: port.text({
      default: "",
      file: "image",
      help: "PNG, JPEG, WebP or NPZ of the images folder, or a folder in it.",
    }),
    size: port.number({ default: 0, min: 0, max: 4096, integer: true, help: "Pixels a side; 0: as it is." }),
    ...takenParameters,
  },
  outputs: {
    image: port.image(),
    labels: port.labels({ optional: true, help: "Where the NPZ has some (arr_1)." }),
  },
  infer: ({ model }, known) => {
    const [file, size, first, count] = ["file", "size", "first", "count"].map((name) => known.parameter(name));
    if (file === "") throw noFile();
    if (typeof file !== "string") return {};
    const { batch, channels, size: stored, labels } = known.image(file);
    const some = [first, count].includes(undefined) ? undefined : taken(batch, Number(first), Number(count));
    return {
      image: facts({
        batch: some,
        channels: channelsFor(channels, model),
        size: knownNumber(size) || (size === 0 ? stored : undefined),
      }),
      ...(labels ? { labels: facts({ batch: some, max: labels.max }) } : {}),
    };
  },
  run: async ({ model, file, size, first, count }, world) => {
    if (file === "") throw noFile();
    const { pictures, labels } = await world.images.load(file);
    const some = taken(pictures.dims[0], first, count)!;
    const image = followed(takeRound(pictures, first, some), model);
    return {
      image: size > 0 ? centreSquare(image, size) : image,
      ...(labels ? { labels: { values: labels.slice(first, first + some) } } : {}),
    };
  },
});

const noFile = () => new GraphError("Cannot load an image: choose a file", "file");
