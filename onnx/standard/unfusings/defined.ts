/** Operators that the specification defines by others, or that are as short. */
import { is } from "../../rewrite/pattern.ts";
import { type Rows, row } from "../../rewrite/row.ts";

export const defined: Rows = {
  // yᵢ = Π xⱼ over all j ≤ i (exclusive: <; reverse: ≥, >), of n values n² (ai.onnx 26)
  cumProd: row({
    pattern: is.CumProd("x", "axis"),
    when: ({ x, axis }, { shape, numbers }) => shape(x) !== undefined && numbers(axis)?.length === 1,
    becomes(op, { x, axis }, { attrs, shape, numbers, type }) {
      const rank = shape(x)!.length;
      const given = numbers(axis)![0];
      const at = given < 0 ? given + rank : given;
      const perm = Array.from({ length: rank }, (_, i) => (i === at ? rank - 1 : i === rank - 1 ? at : i));
      const turned = op.Transpose(x, { perm });
      const count = op.Squeeze(op.Shape(turned, { start: -1 }), op.int64([0]));
      const places = op.Range(op.int64(0), count, op.int64(1));
      const [i, j] = [op.Unsqueeze(places, op.int64([1])), op.Unsqueeze(places, op.int64([0]))];
      const [later, earlier] = attrs.reverse === 1 ? [j, i] : [i, j];
      const counts = attrs.exclusive === 1 ? op.Greater(later, earlier) : op.GreaterOrEqual(later, earlier);
      const factors = op.Where(counts, op.Unsqueeze(turned, op.int64([-2])), op.Cast(1, { to: type(x) }));
      return op.Transpose(op.ReduceProd(factors, op.int64([-1]), { keepdims: 0 }), { perm });
    },
  }),
  // s = (max(x, 0) − min(x, 0)) / 255, z = ⌊−min(x, 0) / s⌉, q = clip(⌊x / s⌉ + z, 0, 255) (ai.onnx 11)
  dynamicQuantizeLinear: row({
    pattern: is.DynamicQuantizeLinear("x"),
    becomes(op, { x }) {
      const [least, most] = [op.Min(op.ReduceMin(x, { keepdims: 0 }), 0), op.Max(op.ReduceMax(x, { keepdims: 0 }), 0)];
      const scale = op.Div(op.Sub(most, least), 255);
      const zero = op.Cast(op.Clip(op.Round(op.Div(op.Neg(least), scale)), 0, 255), { to: "uint8" });
      return [op.QuantizeLinear(x, scale, zero), scale, zero];
    },
  }),
};
