/** Shapes of losses and of the determinant. */
import type { InferRule, InferRules } from "../facts.ts";
import { shapeOf } from "./elementwise.ts";

/** One loss per label, or one for all; then, where asked for, the logarithms of the probabilities. */
const loss: InferRule = ({ x: [scores, labels], attrs }) => {
  if (!scores) return [];
  const dims = attrs.reduction === "none" ? labels?.dims : [];
  return [{ type: scores.type, ...(dims && { dims }) }, shapeOf(scores)];
};

export const losses = {
  NegativeLogLikelihoodLoss: loss,
  SoftmaxCrossEntropyLoss: loss,
  Det: ({ x: [a] }) => [a ? { type: a.type, ...(a.dims && { dims: a.dims.slice(0, -2) }) } : {}],
} satisfies InferRules;
