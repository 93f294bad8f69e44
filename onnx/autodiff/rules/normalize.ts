/**
 * Gradients of normalisations: y = x̂·γ + β with x̂ = (x − μ)/σ, σ = √(variance + ε), statistics over some axes. With
 * g = ȳ·γ and means over the same axes x̄ = (g − mean g − x̂·mean(g·x̂))/σ: Ioffe & Szegedy 2015, arXiv:1502.03167,
 * section 3.
 */
import type { AttributesOf } from "../../operators.ts";
import type { Value } from "../../rewrite/builder.ts";
import { normalAxis } from "../../shapes/rules/shape.ts";
import type { RuleContext, Rules } from "../rule.ts";
import { overChannels, perChannel } from "./channels.ts";

interface Normalised {
  readonly xHat: Value;
  /** 1/√(σ² + ε) */
  readonly invStd: Value;
}

function normalised({ op }: RuleContext, x: Value, axes: readonly number[], epsilon: number): Normalised {
  const over = op.int64(axes);
  const centred = op.Sub(x, op.ReduceMean(x, over, { keepdims: 1 }));
  const variance = op.ReduceMean(op.Mul(centred, centred), over, { keepdims: 1 });
  const invStd = op.Div(1, op.Sqrt(op.Add(variance, epsilon)));
  return { xHat: op.Mul(centred, invStd), invStd };
}

/** x̄ from ȳ·γ: g/σ less its mean and its part along x̂. */
function throughNormalised(
  { op }: RuleContext,
  g: Value,
  { xHat, invStd }: Normalised,
  axes: readonly number[],
): Value {
  const over = op.int64(axes);
  const mean = (value: Value): Value => op.ReduceMean(value, over, { keepdims: 1 });
  const scaled = op.Mul(g, invStd);
  return op.Sub(op.Sub(scaled, mean(scaled)), op.Mul(xHat, mean(op.Mul(scaled, xHat))));
}

/** Batch normalisation in training: statistics of the batch, those given are only updated. */
function throughBatch(c: RuleContext<AttributesOf<"BatchNormalization">>): readonly (Value | null)[] {
  const { op, dy, dys, attrs, wants, rank, zerosLike } = c;
  const [x, gamma, , mean, variance] = c.x;
  if (dys[1] || dys[2]) throw c.error("no gradient rule for its running statistics");
  const axes = Array.from({ length: rank(x) }, (_, axis) => axis).filter((axis) => axis !== 1);
  const stats = normalised(c, x, axes, attrs.epsilon ?? 1e-5);
  return [
    throughNormalised(c, op.Mul(dy, perChannel(c, gamma, x)), stats, axes),
    wants[1] ? overChannels(c, op.Mul(dy, stats.xHat)) : null,
    wants[2] ? overChannels(c, dy) : null,
    wants[3] ? zerosLike(mean) : null,
    wants[4] ? zerosLike(variance) : null,
  ];
}

export const normalize = {
  // y = x̂·γ + β over the places of each sample and channel
  //                  x̄ = (g − mean g − x̂·mean(g·x̂))/σ            γ̄ = Σ ȳ·x̂             β̄ = Σ ȳ
  InstanceNormalization: (c) => {
    const { op, dy, attrs, wants, rank } = c;
    const [x, gamma] = c.x;
    const axes = Array.from({ length: rank(x) - 2 }, (_, i) => i + 2);
    const stats = normalised(c, x, axes, attrs.epsilon ?? 1e-5);
    const g = op.Mul(dy, perChannel(c, gamma, x));
    return [
      throughNormalised(c, g, stats, axes),
      wants[1] ? overChannels(c, op.Mul(dy, stats.xHat)) : null,
      wants[2] ? overChannels(c, dy) : null,
    ];
  },

  // y = x̂·γ + β over the last n values, with outputs m = μ and s = 1/σ
  //                  x̄ = (g − mean g − x̂·mean(g·x̂))/σ + m̄/n − s̄·s²·x̂/n            γ̄ = ȳ·x̂               β̄ = ȳ
  LayerNormalization: (c) => {
    const { op, dys, attrs, rank } = c;
    const [x, gamma, beta] = c.x;
    const from = normalAxis(attrs.axis ?? -1, rank(x));
    const axes = Array.from({ length: rank(x) - from }, (_, i) => from + i);
    const stats = normalised(c, x, axes, attrs.epsilon ?? 1e-5);
    if (!dys[1] && !dys[2])
      return [throughNormalised(c, op.Mul(c.dy, gamma), stats, axes), op.Mul(c.dy, stats.xHat), beta ? c.dy : null];
    const count = op.Cast(op.ReduceProd(op.Shape(x, { start: from }), null, { keepdims: 0 }), { to: c.type(x) });
    const terms: Value[] = dys[0] ? [throughNormalised(c, op.Mul(dys[0], gamma), stats, axes)] : [];
    if (dys[1]) terms.push(op.Div(op.Expand(dys[1], c.shapeOf(x)), count));
    if (dys[2]) {
      const square = op.Mul(stats.invStd, stats.invStd);
      terms.push(op.Neg(op.Div(op.Mul(op.Mul(dys[2], square), stats.xHat), count)));
    }
    const dx = terms.reduce((a, b) => op.Add(a, b));
    return [dx, dys[0] ? op.Mul(dys[0], stats.xHat) : c.zerosLike(gamma), beta ? c.dy : null];
  },

  // y = x̂·γ with x̂ = x/σ, σ = √(mean x² + ε) over the last axes (Zhang & Sennrich 2019, arXiv:1910.07467, eq. 4)
  //                  x̄ = (g − x̂·mean(g·x̂))/σ                     γ̄ = ȳ·x̂
  RMSNormalization: ({ op, dy, x: [x, gamma], attrs, rank }) => {
    const from = normalAxis(attrs.axis ?? -1, rank(x));
    const over = op.int64(Array.from({ length: rank(x) - from }, (_, i) => from + i));
    const square = op.ReduceMean(op.Mul(x, x), over);
    const inverse = op.Div(1, op.Sqrt(op.Add(square, attrs.epsilon ?? 1e-5)));
    const xHat = op.Mul(x, inverse);
    const g = op.Mul(dy, gamma);
    const along = op.ReduceMean(op.Mul(g, xHat), over);
    return [op.Mul(op.Sub(g, op.Mul(xHat, along)), inverse), op.Mul(dy, xHat)];
  },

  // y = x̂·γ + β over groups of channels; γ and β are per group before opset 21, per channel from there on
  //                  x̄ = (g − mean g − x̂·mean(g·x̂))/σ            γ̄ = Σ ȳ·x̂             β̄ = Σ ȳ
  GroupNormalization: (c) => {
    const { op, dy, attrs, opset, wants, reshapeLike } = c;
    const [x, gamma] = c.x;
    const groups = Number(attrs.num_groups);
    const grouped = (value: Value, last: number): Value => op.Reshape(value, op.int64([0, groups, last]));
    const axes = [2];
    const stats = normalised(c, grouped(x, -1), axes, attrs.epsilon ?? 1e-5);
    const dY = grouped(dy, -1);
    if (opset < 21) {
      const g = op.Mul(dY, op.Reshape(gamma, op.int64([groups, 1])));
      const perGroup = (value: Value): Value => op.ReduceSum(value, op.int64([0, 2]), { keepdims: 0 });
      return [
        reshapeLike(throughNormalised(c, g, stats, axes), x),
        wants[1] ? perGroup(op.Mul(dY, stats.xHat)) : null,
        wants[2] ? perGroup(dY) : null,
      ];
    }
    const g = grouped(op.Mul(dy, perChannel(c, gamma, x)), -1);
    return [
      reshapeLike(throughNormalised(c, g, stats, axes), x),
      wants[1] ? overChannels(c, op.Mul(dy, reshapeLike(stats.xHat, x))) : null,
      wants[2] ? overChannels(c, dy) : null,
    ];
  },

  // y = (x − μ)·γ/σ + β with statistics that are given: a scale and a shift per channel
  //                  x̄ = ȳ·γ/σ        γ̄ = Σ ȳ·(x − μ)/σ          β̄ = Σ ȳ
  //                  μ̄ = −γ/σ·Σ ȳ     variance: −½·γ/σ³·Σ ȳ·(x − μ)
  BatchNormalization: (c) => {
    const { op, dy, attrs, wants } = c;
    const [x, gamma, , mean, variance] = c.x;
    if (attrs.training_mode === 1) return throughBatch(c);
    const invStd = op.Div(1, op.Sqrt(op.Add(variance, attrs.epsilon ?? 1e-5)));
    const scale = op.Mul(gamma, invStd);
    const centred = (): Value => op.Sub(x, perChannel(c, mean, x));
    const sum = overChannels(c, dy);
    const moment = wants[1] || wants[4] ? overChannels(c, op.Mul(dy, centred())) : null;
    return [
      op.Mul(dy, perChannel(c, scale, x)),
      moment && op.Mul(moment, invStd),
      sum,
      op.Neg(op.Mul(sum, scale)),
      moment && op.Mul(op.Mul(moment, op.Mul(scale, op.Mul(invStd, invStd))), -0.5),
    ];
  },
} satisfies Rules;
