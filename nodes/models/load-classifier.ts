import { defineNode } from "../node.ts";
import * as port from "../port.ts";
import { modelFile, modelParameters } from "./model-file.ts";

export default defineNode({
  type: "guidegraph/load-classifier",
  version: 1,
  title: "Load Classifier",
  category: "models",
  description: "Loads a classifier of noisy pictures, whose gradient can guide the sampling.",
  reference: "create_classifier, load_state_dict",
  inputs: modelParameters,
  outputs: { classifier: port.classifier() },
  infer: (_, known) => {
    const file = modelFile((name) => known.parameter(name));
    return file ? { classifier: known.network("classifier", file) } : {};
  },
  run: async ({ file, sha256, flags }, world) => ({
    classifier: await world.models.classifier({ file, sha256, flags }),
  }),
});
