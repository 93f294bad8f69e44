import {
  demanded,
  facts,
  isUnread,
  labelled,
  labelsFor,
  sameSize,
  wantGradient,
  wantLabels,
  wantMeaning,
  wantSides,
} from "../checks.ts";
import type { NetworkFacts } from "../handles.ts";
import type { Labels } from "../kinds.ts";
import { defineNode, GraphError } from "../node.ts";
import * as port from "../port.ts";
import type { Size } from "../size.ts";

export default defineNode({
  type: "guidegraph/predict",
  version: 1,
  title: "Predict",
  category: "prediction",
  description: "Asks the model what noise, or which clean picture, is in x at this step.",
  equation: "ε_θ(xₜ, t, y)",
  reference: "model(x, t, y)",
  inputs: {
    model: port.model(),
    x: port.tensor({ meaning: "x" }),
    step: port.step(),
    labels: port.labels({ optional: true, help: "For a class-conditional model; left out, its null label." }),
    low_res: port.tensor({ optional: true, meaning: "x0", help: "For a super-resolution model." }),
    condition: port.tensor({
      optional: true,
      help: "For a model that takes more channels than x has: an image to segment, a mask to fill.",
    }),
  },
  outputs: { model_output: port.modelOutput() },
  infer: ({ model, x, labels, low_res, condition }) => {
    wantMeaning({ x }, "x", "mean", "x0");
    wantSides(model, x);
    const made = sameSize({ model: demanded(model), x, labels: labelled(labels) });
    if (model && !isUnread(model)) {
      if (labels && model.classes === undefined) throw unconditional();
      if (!labels) nullLabel(model);
      wantLabels(labels, model, "model");
      wantLowRes(model, low_res !== undefined);
      if (low_res) sameSize({ model: facts({ batch: made.batch, ...lowSides(model, made) }), low_res });
      wantCondition(model, condition !== undefined);
      if (condition) sameSize({ model: facts({ ...made, channels: model.condition }), condition });
    }
    return { model_output: outputOf(model, made) };
  },
  run: async ({ model, x, step, labels, low_res, condition }) => {
    wantLowRes(model.facts, low_res !== undefined);
    wantCondition(model.facts, condition !== undefined);
    const y = conditionOn(model.facts, x.dims[0], labels);
    return { model_output: await model.predict(x, step, y, low_res, condition) };
  },
  flows: ({ model }) => wantGradient(model, "model"),
  draw: ({ model, x, step, labels, low_res, condition }, { op }) => {
    wantLowRes(model.facts, low_res !== undefined);
    wantCondition(model.facts, condition !== undefined);
    // What a class-conditional model is given: the labels, or its null label. Of draws of samples x has more than the batch.
    const none = nullLabelOf(model.facts, labels !== undefined);
    const each = () => op.Slice(op.Shape(x), op.int64([0]), op.int64([1]));
    const y =
      labels?.each((values) => wantLabels({ max: Math.max(...values) }, model.facts, "model"), x) ??
      (none === undefined ? undefined : op.Expand(op.int64([none]), each()));
    return { model_output: model.predict(x, step, { y, lowRes: low_res, condition }) };
  },
});

/** Facts of the network, and the size of what it is given; what it was trained on says nothing of that. */
function outputOf(
  { height: _, width: __, multiple: ___, sidesFixed: ____, ...model }: NetworkFacts = {},
  made: Size,
): NetworkFacts {
  return { ...model, ...made };
}

/** The sides of low_res that belong to x. */
const lowSides = ({ lowRes, height }: NetworkFacts, x: Size): Size => {
  const low = (side: number | undefined) =>
    side === undefined || lowRes === undefined || height === undefined ? undefined : (side * lowRes) / height;
  return facts({ height: low(x.height), width: low(x.width) });
};

/** The labels the network is given: undefined where it is not class-conditional. */
function conditionOn(model: NetworkFacts, batch: number, labels: Labels | undefined): readonly number[] | undefined {
  if (!labels) {
    const label = nullLabel(model);
    return label === undefined ? undefined : new Array<number>(batch).fill(label);
  }
  if (model.classes === undefined) throw unconditional();
  wantLabels({ max: Math.max(...labels.values) }, model, "model");
  return labelsFor(labels.values, batch);
}

/** The label of a model that is given none; throws a GraphError where it takes none, or has none to take. */
function nullLabelOf(model: NetworkFacts, isLabelled: boolean): number | undefined {
  if (isLabelled && model.classes === undefined) throw unconditional();
  return isLabelled ? undefined : nullLabel(model);
}

const unconditional = () =>
  new GraphError("Cannot give labels to a model that is not class-conditional: remove the wire", "labels");

function nullLabel({ classes, nullLabel }: NetworkFacts): number | undefined {
  if (classes !== undefined && nullLabel === undefined)
    throw new GraphError(
      `Cannot predict without labels: the model is class-conditional (${classes} classes) and has no null label`,
      "labels",
    );
  return classes === undefined ? undefined : nullLabel;
}

function wantLowRes({ lowRes }: NetworkFacts, wired: boolean): void {
  if (lowRes !== undefined && !wired)
    throw new GraphError(
      `Cannot predict without low_res: the model enlarges pictures of ${lowRes}×${lowRes}`,
      "low_res",
    );
  if (lowRes === undefined && wired)
    throw new GraphError("Cannot use low_res: the model is not a super-resolution model; remove the wire", "low_res");
}

function wantCondition({ condition }: NetworkFacts, wired: boolean): void {
  if (condition !== undefined && !wired)
    throw new GraphError(
      `Cannot predict without a condition: the model takes ${condition} channels beside x`,
      "condition",
    );
  if (condition === undefined && wired)
    throw new GraphError("Cannot use a condition: the model takes x alone; remove the wire", "condition");
}
