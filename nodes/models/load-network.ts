import { defineNode } from "../node.ts";
import * as port from "../port.ts";
import { fitParameters, modelFile, modelParameters } from "./model-file.ts";

const fit = ["values", "resize", "layout"] as const;

export default defineNode({
  type: "guidegraph/load-network",
  version: 1,
  title: "Load Network",
  category: "models",
  description: "Loads any ONNX file as a function of tensors: an image tower, a decoder, a feature extractor.",
  reference: "onnx InferenceSession",
  inputs: { ...modelParameters, ...fitParameters },
  outputs: { network: port.network() },
  infer: (_, known) => {
    const file = modelFile((name) => known.parameter(name), fit);
    return file ? { network: known.network("network", file) } : {};
  },
  run: async (given, world) => ({
    network: await world.models.network(modelFile((name) => given[name as "file"], fit)!),
  }),
});
