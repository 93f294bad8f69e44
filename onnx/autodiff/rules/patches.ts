/** Gradients of operators that fold patches into pictures, put values back where a pool took them, or pool by a norm. */
import { windowOf } from "../../shapes/rules/convolution.ts";
import type { Rules } from "../rule.ts";
import { resolvedPads, unslide } from "./conv.ts";
import { normSlope, powerSlope } from "./norms.ts";
import { asPlanes, onesOf } from "./pool.ts";

export const patches = {
  // y = Σ of the columns, each at its place       x̄ = the patches of ȳ, by a convolution with unit kernels
  Col2Im: (c) => {
    const { op, dy, attrs, numbers, error, reshapeLike, type } = c;
    const [x, , blockShape] = c.x;
    const block = numbers(blockShape);
    if (!block) throw error("its block_shape is not constant");
    const count = block.reduce((a, b) => a * b, 1);
    const units = Array.from({ length: count * count }, (_, i) => (i % (count + 1) === 0 ? 1 : 0));
    const { strides, dilations, pads } = windowOf(attrs, block);
    const kernel = op.Cast(op.float(units, [count, 1, ...block]), { to: type(dy) });
    return [reshapeLike(op.Conv(asPlanes(c, dy), kernel, { strides, dilations, pads }), x)];
  },

  // y[kᵢ] = xᵢ, counted through the whole of y    x̄ᵢ = ȳ[kᵢ]
  MaxUnpool: ({ op, dy, x: [, indices] }) => [op.Gather(op.Reshape(dy, op.int64([-1])), indices)],

  // y = (Σ|xᵢ|^p)^(1/p)                           x̄ᵢ = Σ ȳ·y^(1−p) over the windows with xᵢ in them · sign(x)·|x|^(p−1)
  LpPool: (c) => {
    const { op, dy, y, attrs, reshapeLike } = c;
    const [x] = c.x;
    const p = attrs.p ?? 2;
    const window = windowOf(attrs, attrs.kernel_shape!);
    const pads = resolvedPads(c, window, x, y);
    const share = asPlanes(c, normSlope(c, dy, y, p));
    const spread = unslide(c, share, onesOf(c, window.kernel), { ...window, pads }, x, 1);
    return [op.Mul(reshapeLike(spread, x), powerSlope(c, x, p))];
  },
} satisfies Rules;
