import {
  type ChannelMatrix,
  channelMatrices,
  mixChannels,
  readChannelMatrix,
  wantColumns,
} from "../../diffusion/index.ts";
import { atPort, facts } from "../checks.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";
import { channelsOf } from "../prediction/drawn.ts";
import { sameMeaning } from "./meaning.ts";

export default defineNode({
  type: "guidegraph/mix-channels",
  version: 1,
  title: "Mix Channels",
  category: "tensors",
  description: "Makes each channel a sum of channels: greyscale, the degradation of colourisation, or other colours.",
  equation: "y = M · x",
  reference: "rgb_to_grayscale, colourisation operator, 1×1 convolution",
  inputs: {
    tensor: port.tensor(),
    by: port.text({ default: "grey", choices: [...Object.keys(channelMatrices), "matrix"] }),
    matrix: port.text({
      default: "1 0 0; 0 1 0; 0 0 1",
      help: "A row of weights for each channel that comes out, where matrix is chosen.",
    }),
  },
  outputs: { tensor: port.tensor() },
  infer: ({ tensor }, known) => {
    const { batch, channels, height, width } = tensor ?? {};
    const [by, text] = ["by", "matrix"].map((name) => known.parameter(name));
    const isKnown = typeof by === "string" && (by !== "matrix" || typeof text === "string");
    const matrix = isKnown ? matrixOf(by, String(text)) : undefined;
    if (matrix && channels !== undefined) atPort("tensor", () => wantColumns(matrix, channels));
    return { tensor: { ...facts({ batch, channels: matrix?.length, height, width }), ...sameMeaning(tensor) } };
  },
  run: ({ tensor, by, matrix }) => ({ tensor: atPort("tensor", () => mixChannels(tensor, matrixOf(by, matrix))) }),
  draw: ({ tensor, by, matrix: text }, drawing) => {
    const matrix = matrixOf(by, text);
    atPort("tensor", () => wantColumns(matrix, channelsOf(drawing, tensor)));
    const dims = [matrix.length, matrix[0].length, 1, 1];
    return { tensor: drawing.op.Conv(tensor, drawing.constant({ dims, data: Float32Array.from(matrix.flat()) })) };
  },
});

const matrixOf = (by: string, text: string): ChannelMatrix =>
  by === "matrix"
    ? atPort("matrix", () => readChannelMatrix(text))
    : channelMatrices[by as keyof typeof channelMatrices];
