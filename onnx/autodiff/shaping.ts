/** Gradients brought to the shapes of forward values: the general half of every rule, written once. */
import { bytesPerValue, type DataType, type Dim } from "../ir.ts";
import type { GraphBuilder, Value } from "../rewrite/builder.ts";
import { isStatic, sameDims } from "../shapes/size.ts";

/** What these functions ask of the graph under construction. */
export interface Shaped {
  readonly op: GraphBuilder;
  shape(value: Value): readonly Dim[] | undefined;
  type(value: Value): DataType;
}

export function shapeOf({ op, shape }: Shaped, value: Value): Value {
  const dims = shape(value);
  return isStatic(dims) ? op.int64(dims) : op.Shape(value);
}

export const zerosLike = (graph: Shaped, value: Value): Value => filledLike(graph, value, 0);
export const onesLike = (graph: Shaped, value: Value): Value => filledLike(graph, value, 1);

function filledLike(graph: Shaped, value: Value, filling: 0 | 1): Value {
  const type = graph.type(value);
  const zero = { type, dims: [1], data: new Uint8Array(bytesPerValue[type]) };
  const filled = graph.op.ConstantOfShape(shapeOf(graph, value), { value: zero });
  return filling === 0 ? filled : graph.op.Add(filled, 1);
}

/** A Reshape target may leave one dimension open, so one that is known only at run time needs no Shape. */
export function reshapeLike(graph: Shaped, dy: Value, like: Value): Value {
  const dims = graph.shape(like);
  if (sameDims(graph.shape(dy), dims)) return dy;
  const open = dims?.filter((dim) => typeof dim !== "number").length ?? 2;
  if (!dims || open > 1 || dims.includes(0)) return graph.op.Reshape(dy, graph.op.Shape(like));
  return graph.op.Reshape(dy, graph.op.int64(dims.map((dim) => (typeof dim === "number" ? dim : -1))));
}

export function unbroadcast(graph: Shaped, dy: Value, like: Value): Value {
  const [from, to] = [graph.shape(dy), graph.shape(like)];
  if (sameDims(from, to)) return dy;
  const axes = from && to && summedAxes(from, to);
  if (!axes) return unbroadcastAtRunTime(graph, dy, like);
  const { op } = graph;
  const lost = from.length - to.length;
  if (axes.length === 0) return dy;
  if (axes.length === lost || lost === 0) return op.ReduceSum(dy, op.int64(axes), { keepdims: lost === 0 ? 1 : 0 });
  return reshapeLike(graph, op.ReduceSum(dy, op.int64(axes), { keepdims: 0 }), like);
}

/** Axes along which `to` was repeated to make `from`; undefined where that is known only at run time. */
function summedAxes(from: readonly Dim[], to: readonly Dim[]): readonly number[] | undefined {
  const lost = from.length - to.length;
  if (lost < 0) return undefined;
  const axes: number[] = [];
  for (const [axis, dim] of from.entries()) {
    const target = axis < lost ? undefined : to[axis - lost];
    if (target === dim) continue;
    if (target !== undefined && target !== 1) return undefined;
    axes.push(axis);
  }
  return axes;
}

/** Sums the axes in which `like`, with ones put in front, has length 1: right for those that were not repeated too. */
function unbroadcastAtRunTime({ op }: Shaped, dy: Value, like: Value): Value {
  const shape = op.Shape(like);
  const lost = op.Sub(op.Size(op.Shape(dy)), op.Size(shape));
  const aligned = op.Concat(op.Expand(op.int64([1]), op.Unsqueeze(lost, op.int64([0]))), shape, { axis: 0 });
  const axes = op.Squeeze(op.NonZero(op.Equal(aligned, op.int64([1]))), op.int64([0]));
  return op.Reshape(op.ReduceSum(dy, axes, { keepdims: 1, noop_with_empty_axes: 1 }), shape);
}
