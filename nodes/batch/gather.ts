import { takeSamples } from "../../diffusion/index.ts";
import { atPort, facts, numbersSizes } from "../checks.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";
import { sameMeaning } from "../tensors/meaning.ts";

export default defineNode({
  type: "guidegraph/gather",
  version: 1,
  title: "Gather",
  category: "batch",
  description: "Takes samples of a batch by their numbers, in any order and as often as they are named.",
  equation: "yᵢ = x[kᵢ]",
  reference: "index_select, best of n, particles",
  inputs: {
    tensor: port.tensor(),
    indices: port.tensor({ help: "A number a sample, N×1×1×1: of Rank or Resample. The first sample is 0." }),
  },
  outputs: { tensor: port.tensor() },
  infer: ({ tensor, indices }) => {
    numbersSizes({ indices });
    const { channels, height, width } = tensor ?? {};
    return { tensor: { ...facts({ batch: indices?.batch, channels, height, width }), ...sameMeaning(tensor) } };
  },
  run: ({ tensor, indices }) => ({ tensor: atPort("indices", () => takeSamples(tensor, indices.data)) }),
  draw: ({ tensor, indices }, { op }) => ({
    tensor: op.Gather(tensor, op.Reshape(op.Cast(indices, { to: "int64" }), op.int64([-1])), { axis: 0 }),
  }),
});
