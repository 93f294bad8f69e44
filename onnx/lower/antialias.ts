/**
 * WebGPU has no antialiased Resize: the run fails. It is linear in x and works axis by axis, y = A·x·Bᵀ for each plane, with matrices
 * that a runtime computes when it loads the graph, by its own Resize of the identity: every mode and rounding stays what it is.
 */
import type { AttributesOf } from "../operators.ts";
import type { GraphBuilder, Value } from "../rewrite/builder.ts";
import { is } from "../rewrite/pattern.ts";
import { row, type View } from "../rewrite/row.ts";
import { normalAxis } from "../shapes/rules/shape.ts";

/** Larger matrices would be most of a file. */
const maxSide = 2048;

export const antialiased = row({
  pattern: is.Resize("x", "roi", "scales", "sizes"),
  becomes(op, { x, scales, sizes }, view) {
    const { attrs, node, shape, constant, type, numbers } = view;
    const [from, to] = [shape(x), shape(node.outputs[0])];
    if (attrs.antialias !== 1 || constant(x) || !from || !to) return undefined;
    if (attrs.coordinate_transformation_mode === "tf_crop_and_resize") return undefined;
    const axes = (attrs.axes ?? from.map((_, axis) => axis)).map((axis) => normalAxis(axis, from.length));
    const given = numbers(scales);
    const isKept = (axis: number, i: number): boolean => (given ? given[i] === 1 : from[axis] === to[axis]);
    const resized = axes.map((axis, i) => ({ axis, scale: given?.[i] })).filter(({ axis }, i) => !isKept(axis, i));
    if (!given && !numbers(sizes)) return undefined;
    const isFixed = ({ axis }: { readonly axis: number }): boolean =>
      axis >= from.length - 2 && [from[axis], to[axis]].every((side) => typeof side === "number" && side <= maxSide);
    if (!resized.every(isFixed)) return undefined;
    return resized.reduce((y, { axis, scale }) => {
      const a = matrix(op, { from: Number(from[axis]), to: Number(to[axis]), scale, attrs });
      const typed = type(x) === "float32" ? a : op.Cast(a, { to: type(x) });
      return axis === from.length - 1 ? op.MatMul(y, op.Transpose(typed, { perm: [1, 0] })) : op.MatMul(typed, y);
    }, x);
  },
});

interface Side {
  readonly from: number;
  readonly to: number;
  readonly scale: number | undefined;
  readonly attrs: View<AttributesOf<"Resize">>["attrs"];
}

/** A, to×from. */
function matrix(op: GraphBuilder, { from, to, scale, attrs }: Side): Value {
  const { axes: _, keep_aspect_ratio_policy: __, ...mode } = attrs;
  const eye = new Array<number>(from * from).fill(0);
  for (let i = 0; i < from; i++) eye[i * from + i] = 1;
  const plane = op.float(eye, [1, 1, from, from]);
  const made =
    scale === undefined
      ? op.Resize(plane, null, null, op.int64([1, 1, to, from]), mode)
      : op.Resize(plane, null, op.float([1, 1, scale, 1]), mode);
  return op.Reshape(made, op.int64([to, from]));
}
