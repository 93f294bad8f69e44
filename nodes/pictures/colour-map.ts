import { type ColourMap, coloured, colourMaps } from "../../diffusion/index.ts";
import { atPort, facts, sameSize } from "../checks.ts";
import { defineNode, GraphError } from "../node.ts";
import * as port from "../port.ts";

export default defineNode({
  type: "guidegraph/colour-map",
  version: 1,
  title: "Colour Map",
  category: "pictures",
  description: "Shows a tensor of one number a pixel in colours.",
  reference: "viridis, heat map, imshow, cmap",
  inputs: {
    tensor: port.tensor({ help: "Of one channel: Difference adds several up." }),
    map: port.text({
      default: "sequential",
      choices: colourMaps,
      help: "sequential: dark to light; diverging: blue below the middle, white, red above it.",
    }),
    low: port.number({
      default: 0,
      help: "What the first colour stands for; as high as high: each sample's lowest value (diverging: as far below 0 as above).",
    }),
    high: port.number({ default: 0, help: "What the last colour stands for." }),
  },
  outputs: {
    image: port.image(),
    low: port.tensor({ help: "What each sample's first colour stands for, N×1×1×1." }),
    high: port.tensor({ help: "And the last." }),
  },
  infer: ({ tensor }, known) => {
    const { batch, channels, height, width } = sameSize({ tensor });
    const [low, high] = ["low", "high"].map((name) => known.parameter(name));
    if (typeof low === "number" && typeof high === "number") wantRange(low, high);
    if (channels !== undefined && channels !== 1)
      throw new GraphError(
        `Cannot colour ${channels} channels: a colour map shows one number a pixel; let Difference add them up`,
        "tensor",
      );
    const end = facts({ batch, channels: 1, height: 1, width: 1 });
    return { image: facts({ batch, channels: 3, height, width }), low: end, high: end };
  },
  undrawn: "makes bytes of colours",
  run: ({ tensor, map, low, high }) => {
    wantRange(low, high);
    const made = atPort("tensor", () => coloured(tensor, map as ColourMap, low < high ? [low, high] : undefined));
    return { image: made.pictures, low: made.low, high: made.high };
  },
});

function wantRange(low: number, high: number): void {
  if (high < low) throw new GraphError(`Cannot colour from ${low} to ${high}: high must be above low`, "high");
}
