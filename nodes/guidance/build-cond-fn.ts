import { labelled, wantGradient, wantLabels } from "../checks.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";

export default defineNode({
  type: "guidegraph/build-cond-fn",
  version: 1,
  title: "Build cond_fn",
  category: "guidance",
  description: "Makes the function that says how x must change for the classifier to see the wanted classes.",
  equation: "cond_fn(x, t) = s · ∇ₓ Σᵢ log p(yᵢ | xᵢ, t)",
  reference: "cond_fn",
  inputs: {
    classifier: port.classifier(),
    labels: port.labels({ help: "The wanted class of each picture, or one for all." }),
    scale: port.number({ default: 1, help: "The reference's classifier_scale: how strongly to guide." }),
  },
  outputs: { cond_fn: port.condFn() },
  infer: ({ classifier, labels }) => {
    wantGradient(classifier);
    wantLabels(labels, classifier, "classifier");
    return { cond_fn: { ...classifier, ...labelled(labels) } };
  },
  run: async ({ classifier, labels, scale }, world) => {
    wantGradient(classifier.facts);
    wantLabels({ max: Math.max(...labels.values) }, classifier.facts, "classifier");
    return { cond_fn: await world.models.condFn(classifier, labels, scale) };
  },
  draw: ({ classifier, labels, scale }) => {
    wantGradient(classifier.facts);
    return { cond_fn: classifier.condFn(labels, scale) };
  },
});
