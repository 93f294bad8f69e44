import { type Tensor, takeSamples, wantSample } from "../../diffusion/index.ts";
import { atPort, facts, numbersSizes } from "../checks.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";
import { sameMeaning } from "../tensors/meaning.ts";
import { drawnSamples } from "./drawn-samples.ts";

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
  infer: ({ tensor, indices }, known) => {
    numbersSizes({ indices });
    const [told, batch] = [known.parameter("indices") as Tensor | undefined, tensor?.batch];
    if (batch !== undefined)
      atPort("indices", () => {
        for (const index of told?.data ?? []) wantSample(index, batch);
        if (indices?.reaches !== undefined) wantSample(indices.reaches, batch);
      });
    const { channels, height, width } = tensor ?? {};
    return { tensor: { ...facts({ batch: indices?.batch, channels, height, width }), ...sameMeaning(tensor) } };
  },
  run: ({ tensor, indices }) => ({ tensor: atPort("indices", () => takeSamples(tensor, indices.data)) }),
  draw: ({ tensor, indices }, drawing) => ({
    tensor: drawnSamples(drawing, tensor, drawing.op.Reshape(indices, drawing.op.int64([-1]))),
  }),
});
