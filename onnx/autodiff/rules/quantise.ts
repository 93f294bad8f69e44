/**
 * Gradients of the way to whole numbers and back. Rounding has no derivative; the gradient goes straight through where the
 * result was not cut to its range (Bengio et al. 2013, arXiv:1308.3432, section 4), as in training with quantisation.
 */
import type { DataType } from "../../ir.ts";
import type { AttributesOf } from "../../operators.ts";
import type { Value } from "../../rewrite/builder.ts";
import { normalAxis } from "../../shapes/rules/shape.ts";
import type { RuleContext, Rules } from "../rule.ts";

const ranges: Readonly<Partial<Record<DataType, readonly [low: number, high: number]>>> = {
  uint8: [0, 255],
  int8: [-128, 127],
  uint16: [0, 65535],
  int16: [-32768, 32767],
};

type Attributes = AttributesOf<"QuantizeLinear" | "DequantizeLinear">;

/** Scales and zero points, one for all or one along an axis, as they meet values; and sums over what shares one. */
function shared({ op, rank, attrs, x: [x, scale], error }: RuleContext<Attributes>) {
  if (attrs.block_size) throw error("no gradient rule for scales of blocks");
  const axis = normalAxis(attrs.axis ?? 1, rank(x));
  const isSingle = rank(scale) === 0;
  const axes = Array.from({ length: rank(x) }, (_, i) => i);
  const placed = (value: Value): Value =>
    isSingle ? value : op.Reshape(value, op.int64(axes.map((i) => (i === axis ? -1 : 1))));
  const summed = (value: Value): Value =>
    op.ReduceSum(value, op.int64(axes.filter((i) => isSingle || i !== axis)), { keepdims: 0 });
  return { placed, summed };
}

export const quantise = {
  // q = cut(round(x/s) + z)          x̄ = q̄/s where nothing was cut       s̄ = −Σ q̄·x/s² there
  QuantizeLinear: (c) => {
    const { op, dy, x, y, wants, type, error } = c;
    const range = ranges[type(y)];
    if (!range) throw error(`no gradient rule for ${type(y)}`);
    const { placed, summed } = shared(c);
    const scale = placed(x[1]);
    const whole = op.Cast(y, { to: "float32" });
    const inside = op.And(op.Greater(whole, range[0]), op.Less(whole, range[1]));
    const through = op.Div(op.Where(inside, dy, 0), scale);
    return [through, wants[1] ? op.Neg(summed(op.Mul(through, op.Div(x[0], scale)))) : null, null];
  },

  // y = s·(q − z)    q̄ = ȳ·s         s̄ = Σ ȳ·(q − z) over what shares s
  DequantizeLinear: (c) => {
    const { op, dy, wants, type } = c;
    const [x, scale, zero = ""] = c.x;
    const to = type(scale);
    const { placed, summed } = shared(c);
    const centred = (): Value => {
      const whole = op.Cast(x, { to });
      return zero === "" ? whole : op.Sub(whole, placed(op.Cast(zero, { to })));
    };
    return [wants[0] ? op.Mul(dy, placed(scale)) : null, wants[1] ? summed(op.Mul(dy, centred())) : null, null];
  },
} satisfies Rules;
