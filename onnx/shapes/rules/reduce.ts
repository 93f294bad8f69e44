/** Shapes of reductions over axes. Opset 18 form: axes are an input. */
import type { Dim } from "../../ir.ts";
import type { AttributesOf } from "../../operators.ts";
import type { InferContext, InferRule, InferRules } from "../facts.ts";
import { named } from "../size.ts";
import { integers, normalAxis } from "./shape.ts";

function reduced(context: InferContext, axes: readonly number[] | undefined): readonly Dim[] | undefined {
  const dims = context.x[0]?.dims;
  const keep = context.attrs.keepdims !== 0;
  if (!dims) return undefined;
  if (!axes) return keep ? dims.map((_, axis) => named(`${context.node.outputs[0]} ${axis}`)) : undefined;
  const normal = axes.map((axis) => normalAxis(axis, dims.length));
  return dims.flatMap((dim, axis) => (!normal.includes(axis) ? [dim] : keep ? [1] : []));
}

/** Without axes everything is reduced, or nothing where the node says so. */
const reduction: InferRule = (context) => {
  const [a] = context.x;
  const given = context.node.inputs[1] ? integers(context, 1) : [];
  const all = context.attrs.noop_with_empty_axes === 1 ? [] : a?.dims?.map((_, axis) => axis);
  const dims = reduced(context, given?.length === 0 ? all : given);
  return [{ ...(a && { type: a.type }), ...(dims && { dims }) }];
};

const indexReduction: InferRule<AttributesOf<"ArgMax" | "ArgMin">> = (context) => {
  const dims = reduced(context, [context.attrs.axis ?? 0]);
  return [{ type: "int64", ...(dims && { dims }) }];
};

export const reductions = {
  ReduceSum: reduction,
  ReduceMean: reduction,
  ReduceMax: reduction,
  ReduceMin: reduction,
  ReduceProd: reduction,
  ReduceL1: reduction,
  ReduceL2: reduction,
  ReduceSumSquare: reduction,
  ReduceLogSum: reduction,
  ReduceLogSumExp: reduction,
  ArgMax: indexReduction,
  ArgMin: indexReduction,
} satisfies InferRules;
