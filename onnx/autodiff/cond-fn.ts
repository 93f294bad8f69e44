/** Classifier guidance (Dhariwal & Nichol 2021, arXiv:2105.05233, algorithms 1 and 2) as a graph. */
import type { OnnxModel } from "../ir.ts";
import type { Value } from "../rewrite/builder.ts";
import type { StandardModel } from "../standard/standard.ts";
import type { GradientBuilder } from "./gradient-builder.ts";
import { differentiate } from "./walk.ts";

/** Names of the classifier's values. */
export interface CondFnPorts {
  /** Noisy pictures, N×C×H×W. */
  readonly x: string;
  /** Timestep; a classifier may do without. Any further input stays one. */
  readonly t?: string;
  /** N×classes */
  readonly logits: string;
  /** How logits become log p(y); default softmax. */
  readonly head?: Head;
}

/** One class of many, each class by itself, or a score that is its own log p up to a constant. */
export type Head = "softmax" | "sigmoid" | "score";

/** The classifier's inputs, `labels` and `scale` → `gradient`. */
export function condFn(model: StandardModel, { x, logits, head = "softmax" }: CondFnPorts): OnnxModel {
  for (const { name } of model.graph.inputs)
    if (name === "labels" || name === "scale")
      throw new RangeError(`Cannot make cond_fn: the classifier has an input "${name}" of its own; rename it`);
  return differentiate(model, { of: logits, wrt: x, output: "gradient" }, (builder, value) =>
    cotangent(builder, value, head),
  );
}

/**
 * ∂ log p(y) / ∂ z, times the scale:
 *
 *   softmax  onehot(y) − softmax(z)        sigmoid  onehot(y)·(1 − σ(z))        score  onehot(y)
 */
function cotangent(builder: GradientBuilder, logits: Value, head: Head): Value {
  const { op, type, shape } = builder;
  const dims = shape(logits);
  if (dims && dims.length !== 2)
    throw new RangeError(`Cannot make cond_fn: logits "${logits}" should be N×classes, they are ${dims.join("×")}`);
  const labels = op.input("labels", "int64", [dims?.[0] ?? "N"]);
  const scale = op.input("scale", "float32", []);
  const count = dims?.[1];
  const classes =
    typeof count === "number"
      ? op.int64(Array.from({ length: count }, (_, k) => k))
      : op.Range(op.int64(0), op.Gather(op.Shape(logits), op.int64(1)), op.int64(1));
  // Equal and Cast, not OneHot, which has no kernel on WebGPU.
  const oneHot = op.Cast(op.Equal(op.Unsqueeze(labels, op.int64([1])), classes), { to: "float32" });
  const isFloat32 = type(logits) === "float32";
  const z = isFloat32 || head === "score" ? logits : op.Cast(logits, { to: "float32" });
  const slopes = {
    softmax: () => op.Sub(oneHot, op.Softmax(z, { axis: 1 })),
    sigmoid: () => op.Mul(oneHot, op.Sub(1, op.Sigmoid(z))),
    score: () => oneHot,
  };
  const gradient = op.Mul(slopes[head](), scale);
  return isFloat32 ? gradient : op.Cast(gradient, { to: type(logits) });
}
