import { type Head, logProbability } from "../../diffusion/index.ts";
import {
  demanded,
  doubtful,
  facts,
  labelled,
  labelsFor,
  sameSize,
  wantGradient,
  wantLabels,
  wantSides,
} from "../checks.ts";
import { defineNode, GraphError } from "../node.ts";
import * as port from "../port.ts";
import { oneEach } from "./per-sample.ts";

export default defineNode({
  type: "guidegraph/log-probability",
  version: 1,
  title: "Log Probability",
  category: "losses",
  description: "Says for each sample how sure a classifier is of the wanted class.",
  equation: "log p(y | x, t) = z_y − log Σₖ exp zₖ",
  reference: "log_softmax, cross entropy, cond_fn",
  inputs: {
    classifier: port.classifier({ optional: true, help: "Asked about x at the step." }),
    x: port.tensor({ optional: true, help: "For the classifier: xₜ, or a predicted x₀ for one of clean pictures." }),
    step: port.step({ optional: true, help: "For the classifier, whether it takes a timestep or not." }),
    logits: port.tensor({ optional: true, help: "N×classes, of Apply Network, in place of a classifier." }),
    labels: port.labels({ help: "The wanted class of each sample, or one for all." }),
  },
  outputs: { log_probability: port.tensor({ own: true, help: "A number a sample, N×1×1×1." }) },
  infer: ({ classifier, x, step, logits, labels }) => {
    wantOne({ classifier, x, step, logits });
    if (classifier) wantLabels(labels, classifier, "classifier");
    wantOnePlace(logits?.height, logits?.width);
    if (logits?.channels !== undefined) wantLabels(labels, { classes: logits.channels }, "network");
    wantSides(classifier, x);
    const given = classifier ? sameSize({ classifier: demanded(classifier), x, labels: labelled(labels) }) : undefined;
    return {
      log_probability: oneEach(
        given ?? sameSize({ logits: facts({ batch: logits?.batch }), labels: labelled(labels) }),
      ),
    };
  },
  notesOf: ({ logits }) => ({
    logits: doubtful(
      logits?.doubt,
      logits?.channels,
      "of embeddings take a loss such as Cosine Similarity, or another output in Apply Network",
    ),
  }),
  run: async ({ classifier, x, step, logits, labels }) => {
    wantOne({ classifier, x, step, logits });
    const z = classifier && x && step ? await classifier.logits(x, step) : logits!;
    if (logits) wantOnePlace(...logits.dims.slice(2));
    const wanted = labelsFor(labels.values, z.dims[0]);
    const classes = z.data.length / z.dims[0];
    wantLabels({ max: Math.max(...wanted) }, { classes }, classifier ? "classifier" : "network");
    return { log_probability: logProbability(z, wanted, classifier?.facts.head) };
  },
  flows: ({ classifier }) => wantGradient(classifier),
  draw: ({ classifier, x, step, logits, labels }, { op, shape }) => {
    const z = classifier && x && step ? classifier.logits(x, step) : logits!;
    const classes = shape(z)[1];
    if (typeof classes !== "number")
      throw new GraphError("It is not known how many classes the logits are of", "logits");
    const check = (values: readonly number[]) =>
      wantLabels({ max: Math.max(...values) }, { classes }, classifier ? "classifier" : "network");
    const y = labels.each(check, z);
    const log = logOf[classifier?.facts.head ?? "softmax"];
    const each = op.int64(Array.from({ length: classes }, (_, k) => k));
    const isWanted = op.Cast(op.Equal(op.Unsqueeze(y, op.int64([1])), each), { to: "float32" });
    const logs = shape(z).length === 4 ? log(op, z) : op.Unsqueeze(log(op, z), op.int64([2, 3]));
    return {
      log_probability: op.ReduceSum(op.Mul(op.Unsqueeze(isWanted, op.int64([2, 3])), logs), op.int64([1])),
    };
  },
});

type Op = Parameters<NonNullable<ReturnType<typeof defineNode>["draw"]>>[1]["op"];

const logOf: { readonly [H in Head]: (op: Op, z: string) => string } = {
  softmax: (op, z) => op.LogSoftmax(z, { axis: 1 }),
  sigmoid: (op, z) => op.Neg(op.Softplus(op.Neg(z))),
  score: (_, z) => z,
};

/** Throws a GraphError for features of many places, where no label says which of them is meant. */
function wantOnePlace(...sides: readonly (number | undefined)[]): void {
  if (sides.some((side) => side !== undefined && side !== 1))
    throw new GraphError(
      `Logits are one number a class, but these have ${sides.map((side) => side ?? "?").join("×")} places: Reduce them over space first`,
      "logits",
    );
}

type Wired = Readonly<Partial<Record<"classifier" | "x" | "step" | "logits", unknown>>>;

/** A classifier with what it is asked about, or logits. */
function wantOne({ classifier, x, step, logits }: Wired): void {
  if (classifier !== undefined && logits !== undefined)
    throw new GraphError("Cannot use both a classifier and logits: wire one of them", "logits");
  if (classifier === undefined && logits === undefined)
    throw new GraphError("Log Probability needs a classifier, or logits: nothing is wired to either", "classifier");
  for (const [port, value] of [
    ["x", x],
    ["step", step],
  ] as const) {
    if (classifier !== undefined && value === undefined)
      throw new GraphError(`The classifier is asked about x at a step: wire ${port}`, port);
    if (classifier === undefined && value !== undefined)
      throw new GraphError(`Logits need no ${port}: remove the wire, or wire a classifier`, port);
  }
}
