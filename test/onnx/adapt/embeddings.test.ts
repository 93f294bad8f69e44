import { expect, test } from "vitest";
import { looksEmbedded } from "../../../onnx/adapt/embeddings.ts";
import { type GraphBuilder, graphBuilder, type Value } from "../../../onnx/index.ts";

type Ending = (op: GraphBuilder, v: Value) => Value;
const plain: Ending = (op, v) => op.Mul(v, 2);
const length = (op: GraphBuilder, v: Value): Value => op.ReduceL2(v, op.int64([1]), { keepdims: 1 });

const why = (name: string, ending: Ending): string | undefined => {
  const op = graphBuilder();
  const x = op.input("x", "float32", ["N", 3, 4, 4]);
  op.output(name, ending(op, op.ReduceMean(x, op.int64([2, 3]), { keepdims: 0 })), "float32", ["N", 3]);
  return looksEmbedded(op.model("m"), name);
};

test.each(["image_embeds", "embedding", "features", "feat", "pooler_output", "last_hidden_state", "latent"])(
  "an output called %s looks like embeddings",
  (name) => expect(why(name, plain)).toBe(`"${name}" is a name of embeddings`),
);

test.each(["logits", "output", "probabilities", "feature_logits", "class_scores", "feather", "y"])(
  "one called %s does not",
  (name) => expect(why(name, plain)).toBeUndefined(),
);

const ofLengthOne: Record<string, Ending> = {
  "torch's v / v.norm()": (op, v) => op.Div(v, op.Sqrt(op.ReduceSum(op.Mul(v, v), op.int64([1]), { keepdims: 1 }))),
  "F.normalize": (op, v) => op.Div(v, op.Expand(op.Clip(length(op, v), 1e-12), op.Shape(v))),
  "a power of one half": (op, v) => op.Div(v, op.Pow(op.ReduceSumSquare(v, op.int64([1]), { keepdims: 1 }), 0.5)),
  LpNormalization: (op, v) => op.LpNormalization(v, { axis: 1, p: 2 }),
  "a length with an epsilon": (op, v) => op.Flatten(op.Div(v, op.Add(length(op, v), 1e-6))),
};
test.each(Object.entries(ofLengthOne))("vectors of length 1 look like embeddings: %s", (_, ending) =>
  expect(why("y", ending)).toBe('"y" is divided by its length, as embeddings are'),
);

const others: Record<string, Ending> = {
  "logits of a temperature": (op, v) => op.Div(v, 0.07),
  "similarities to class embeddings": (op, v) =>
    op.Mul(op.MatMul(op.Div(v, length(op, v)), op.float([1, 0, 0, 0, 1, 0, 0, 0, 1], [3, 3])), 100),
  "a deviation": (op, v) => op.Div(v, op.Sqrt(op.ReduceMean(op.Mul(v, v), op.int64([1]), { keepdims: 1 }))),
  "a sum of 1": (op, v) => op.Div(v, op.ReduceSum(v, op.int64([1]), { keepdims: 1 })),
};
test.each(Object.entries(others))("others do not: %s", (_, ending) => expect(why("y", ending)).toBeUndefined());
