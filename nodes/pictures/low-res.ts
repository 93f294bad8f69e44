import { encode, takeRound } from "../../diffusion/index.ts";
import { facts, knownNumber } from "../checks.ts";
import { defineNode, GraphError } from "../node.ts";
import * as port from "../port.ts";
import { channelsFor, followed } from "./channels.ts";

export default defineNode({
  type: "guidegraph/low-res",
  version: 1,
  title: "Low Res",
  category: "pictures",
  description: "Supplies the small pictures, and their labels, that a super-resolution model enlarges.",
  equation: "low_res = byte / 127.5 − 1",
  reference: "super_res_sample, base_samples, load_data_for_worker",
  inputs: {
    image: port.image({ optional: true, help: "Instead of a file." }),
    labels: port.labels({ optional: true, help: "Those of the wired pictures." }),
    model: port.model({
      factsAlone: true,
      optional: true,
      help: "The network they are for: grey where it has one channel.",
    }),
    file: port.text({
      default: "",
      file: "image",
      help: "A picture, a folder of them, or an NPZ with arr_0 and perhaps arr_1.",
    }),
    count: port.number({
      default: 0,
      min: 0,
      max: 4096,
      integer: true,
      help: "Pictures a batch, read round and round from batch to batch; 0: all.",
    }),
  },
  outputs: {
    low_res: port.tensor({ meaning: "x0" }),
    labels: port.labels({ optional: true, help: "Where the file has some." }),
  },
  perBatch: true,
  enters: true,
  infer: ({ image, labels, model }, known) => {
    const [file, count] = ["file", "count"].map((name) => known.parameter(name));
    if (!image && file === "") throw noPictures();
    if (!image && typeof file !== "string") return {};
    const stored = image ?? known.image(String(file));
    const max = image ? labels : known.image(String(file)).labels;
    const batch = knownNumber(count) || (count === 0 ? stored.batch : undefined);
    return {
      low_res: {
        ...facts({
          batch,
          channels: channelsFor(stored.channels, model),
          height: stored.height,
          width: stored.width,
        }),
        meaning: "x0",
      },
      ...(max ? { labels: facts({ batch, max: max.max }) } : {}),
    };
  },
  run: async ({ image, labels, model, file, count }, world) => {
    if (!image && file === "") throw noPictures();
    const source = image ? { pictures: image, labels: labels?.values } : await world.images.load(file);
    const size = count || source.pictures.dims[0];
    const first = world.batch.index * size;
    const named = source.labels;
    return {
      low_res: encode(followed(takeRound(source.pictures, first, size), model)),
      ...(named
        ? { labels: { values: Array.from({ length: size }, (_, n) => named[(first + n) % named.length]) } }
        : {}),
    };
  },
});

const noPictures = () => new GraphError("Cannot supply small pictures: choose a file or wire an image", "file");
