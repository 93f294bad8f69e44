import { broadcastBatch, cosineSimilarity } from "../../diffusion/index.ts";
import { atPort, broadcastSize } from "../checks.ts";
import { cosineOf } from "../lengths.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";
import { oneEach } from "./per-sample.ts";

export default defineNode({
  type: "guidegraph/cosine-similarity",
  version: 1,
  title: "Cosine Similarity",
  category: "losses",
  description:
    "Says for each sample how much two tensors point the same way, such as a picture's features and wanted ones.",
  equation: "x·y / (‖x‖ · ‖y‖)",
  reference: "cosine_similarity, CLIP guidance",
  inputs: {
    tensor: port.tensor({ help: "Of any shape: features of Apply Network, or a picture." }),
    target: port.tensor({ help: "Of the same shape; one sample serves all." }),
  },
  outputs: { similarity: port.tensor({ own: true, help: "A number a sample, −1 … 1, N×1×1×1." }) },
  infer: ({ tensor, target }) => ({ similarity: oneEach(broadcastSize({ tensor, target })) }),
  run: ({ tensor, target }) => ({
    similarity: atPort("target", () => cosineSimilarity(...broadcastBatch(tensor, target))),
  }),
  draw: ({ tensor, target }, { op }) => ({ similarity: cosineOf(op, tensor, target) }),
});
