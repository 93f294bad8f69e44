import { doubtful } from "../checks.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";
import { fitParameters, headParameters, modelFile, modelParameters } from "./model-file.ts";

const fit = ["values", "resize", "layout", "head"] as const;

export default defineNode({
  type: "guidegraph/load-classifier",
  version: 1,
  title: "Load Classifier",
  category: "models",
  description: "Loads a classifier, of noisy pictures or of clean ones, whose gradient can guide the sampling.",
  reference: "create_classifier, load_state_dict",
  inputs: { ...modelParameters, ...fitParameters, ...headParameters },
  outputs: { classifier: port.classifier() },
  infer: (_, known) => {
    const file = modelFile((name) => known.parameter(name), fit);
    return file ? { classifier: known.network("classifier", file) } : {};
  },
  notesOf: (_, { classifier }) => ({
    file: doubtful(
      classifier?.doubt,
      classifier?.classes,
      "to guide by embeddings take Load Network, Apply Network and a loss such as Cosine Similarity; where they are logits, --logits NAME in flags says so",
    ),
  }),
  run: async (given, world) => ({
    classifier: await world.models.classifier(modelFile((name) => given[name], fit)!),
  }),
});
