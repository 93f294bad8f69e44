import { centreCut, takeRound } from "../../diffusion/index.ts";
import { facts, knownNumber, sidesOf } from "../checks.ts";
import { defineNode, GraphError } from "../node.ts";
import * as port from "../port.ts";
import { squareBefore } from "../sides.ts";
import { channelsFor, followed } from "./channels.ts";
import { taken, takenParameters } from "./taken.ts";

export default defineNode({
  type: "guidegraph/load-image",
  version: 2,
  title: "Load Image",
  category: "pictures",
  description: "Loads a picture, a folder or an NPZ of them, cut in the middle to the sides that are given.",
  reference: "center_crop_arr",
  inputs: {
    model: port.model({
      factsAlone: true,
      optional: true,
      help: "The network they are for: grey where it has one channel.",
    }),
    file: port.text({
      default: "",
      file: "image",
      help: "PNG, JPEG, WebP or NPZ of the images folder, or a folder in it.",
    }),
    height: port.number({
      default: 0,
      min: 0,
      max: 4096,
      integer: true,
      help: "Pixels from top to bottom; 0: as it is.",
    }),
    width: port.number({
      default: 0,
      min: 0,
      max: 4096,
      integer: true,
      help: "Pixels from side to side; 0: as the height, as it is where that is. What does not fit is cut off, nothing squashed.",
    }),
    ...takenParameters,
  },
  outputs: {
    image: port.image(),
    labels: port.labels({ optional: true, help: "Where the NPZ has some (arr_1)." }),
  },
  infer: ({ model }, known) => {
    const [file, first, count] = ["file", "first", "count"].map((name) => known.parameter(name));
    const [height, width] = ["height", "width"].map((name) => knownNumber(known.parameter(name)));
    if (file === "") throw noFile();
    if (typeof file !== "string") return {};
    const stored = known.image(file);
    const { batch, channels, labels } = stored;
    const some = [first, count].includes(undefined) ? undefined : taken(batch, Number(first), Number(count));
    return {
      image: facts({
        batch: some,
        channels: channelsFor(channels, model),
        ...sidesOf(height, width, stored),
      }),
      ...(labels ? { labels: facts({ batch: some, max: labels.max }) } : {}),
    };
  },
  migrations: squareBefore,
  enters: true,
  run: async ({ model, file, height, width, first, count }, world) => {
    if (file === "") throw noFile();
    const { pictures, labels } = await world.images.load(file);
    const some = taken(pictures.dims[0], first, count)!;
    const image = followed(takeRound(pictures, first, some), model);
    const [, h, w] = image.dims;
    const cut = sidesOf(height, width, { height: h, width: w });
    return {
      image: cut.height === h && cut.width === w ? image : centreCut(image, cut.height!, cut.width!),
      ...(labels ? { labels: { values: labels.slice(first, first + some) } } : {}),
    };
  },
});

const noFile = () => new GraphError("Cannot load an image: choose a file", "file");
