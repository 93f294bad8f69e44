/** Gradients of norms, products and extremes over axes, and of normalisations by them. */
import type { AttributesOf } from "../../operators.ts";
import type { Value } from "../../rewrite/builder.ts";
import type { RuleContext, Rules } from "../rule.ts";
import { keepReduced } from "./reduce.ts";

/** Sum over the node's own axes, kept as ones. */
const sumOverAxes = ({ op, x: [, axes], attrs }: RuleContext<AttributesOf<"ReduceProd">>, value: Value): Value =>
  op.ReduceSum(value, axes || null, { keepdims: 1, noop_with_empty_axes: attrs.noop_with_empty_axes });

/** a / b, and 0 where b is 0: the subgradient of a norm at the origin, as in PyTorch. */
const divideOrZero = ({ op }: Pick<RuleContext, "op">, a: Value, b: Value): Value =>
  op.Where(op.Equal(b, 0), 0, op.Div(a, b));

/** Axes of a value from `first` on. */
const axesFrom = ({ op, rank }: RuleContext, value: Value, first: number): Value =>
  op.int64(Array.from({ length: rank(value) - first }, (_, i) => first + i));

/** sign(x)·|x|^(p−1): the derivative of |x|^p, but for its factor p. */
export function powerSlope({ op }: Pick<RuleContext, "op">, x: Value, p: number): Value {
  if (p === 1) return op.Sign(x);
  if (p === 2) return x;
  return op.Mul(op.Sign(x), op.Pow(op.Abs(x), p - 1));
}

/** ȳ·y^(1−p) of a p-norm y. */
export const normSlope = (c: Pick<RuleContext, "op">, dy: Value, y: Value, p: number): Value =>
  p === 1 ? dy : divideOrZero(c, dy, p === 2 ? y : c.op.Pow(y, p - 1));

export const norms = {
  // y = Σ|xᵢ|                        x̄ = ȳ·sign x
  ReduceL1: (c) => [c.op.Mul(keepReduced(c, c.dy), c.op.Sign(c.x[0]))],

  // y = √Σxᵢ²                        x̄ = ȳ·x / y
  ReduceL2: (c) => [c.op.Mul(normSlope(c, keepReduced(c, c.dy), keepReduced(c, c.y), 2), c.x[0])],

  // y = Σxᵢ²                         x̄ = 2ȳ·x
  ReduceSumSquare: (c) => [c.op.Mul(c.op.Mul(keepReduced(c, c.dy), 2), c.x[0])],

  // y = ln Σxᵢ                       x̄ = ȳ·e^(−y)
  ReduceLogSum: (c) => {
    const share = c.op.Mul(keepReduced(c, c.dy), c.op.Exp(c.op.Neg(keepReduced(c, c.y))));
    return [c.op.Expand(share, c.shapeOf(c.x[0]))];
  },

  // y = ln Σe^xᵢ                     x̄ = ȳ·e^(x − y)
  ReduceLogSumExp: (c) => [c.op.Mul(keepReduced(c, c.dy), c.op.Exp(c.op.Sub(c.x[0], keepReduced(c, c.y))))],

  // y = Πxᵢ                          x̄ᵢ = ȳ·Π_{j≠i} xⱼ             (beside one zero only its own is not 0)
  ReduceProd: (c) => {
    const { op, type, attrs } = c;
    const [x, axes] = c.x;
    const zero = op.Equal(x, 0);
    const zeros = sumOverAxes(c, op.Cast(zero, { to: type(x) }));
    const others = op.Where(zero, 1, x);
    const product = op.ReduceProd(others, axes || null, {
      keepdims: 1,
      noop_with_empty_axes: attrs.noop_with_empty_axes,
    });
    const atZero = op.Where(op.Equal(zeros, 1), product, 0);
    const elsewhere = op.Where(op.Equal(zeros, 0), op.Div(product, others), 0);
    return [op.Mul(keepReduced(c, c.dy), op.Where(zero, atZero, elsewhere))];
  },

  // y = max over all positions       x̄ᵢ = xᵢ = y ? ȳ / #{xⱼ = y} : 0
  GlobalMaxPool: (c) => {
    const { op, dy, y, type } = c;
    const chosen = op.Equal(c.x[0], y);
    const one = op.Cast(chosen, { to: type(y) });
    return [op.Where(chosen, op.Div(dy, op.ReduceSum(one, axesFrom(c, c.x[0], 2), { keepdims: 1 })), 0)];
  },

  // y = (Σ|xᵢ|^p)^(1/p)              x̄ = ȳ·y^(1−p)·sign(x)·|x|^(p−1)
  GlobalLpPool: (c) => {
    const p = c.attrs.p ?? 2;
    return [c.op.Mul(normSlope(c, c.dy, c.y, p), powerSlope(c, c.x[0], p))];
  },

  // y = x / n, n = ‖x‖_p             x̄ = (ȳ − n′·Σȳy) / n,         n′ = y for p = 2, sign x for p = 1
  LpNormalization: (c) => {
    const { op, dy, y, attrs } = c;
    const axes = op.int64([attrs.axis ?? -1]);
    const p = attrs.p ?? 2;
    const norm = p === 1 ? op.ReduceL1(c.x[0], axes) : op.ReduceL2(c.x[0], axes);
    const along = op.ReduceSum(op.Mul(dy, y), axes);
    const slope = p === 1 ? op.Sign(c.x[0]) : y;
    return [divideOrZero(c, op.Sub(dy, op.Mul(slope, along)), norm)];
  },

  // y = (x − μ) / σ                  x̄ = (ȳ − mean ȳ − y·mean(ȳy)) / σ
  MeanVarianceNormalization: ({ op, dy, x: [x], y, attrs }) => {
    const axes = op.int64(attrs.axes ?? [0, 2, 3]);
    const centred = op.Sub(x, op.ReduceMean(x, axes));
    const deviation = op.Sqrt(op.ReduceMean(op.Mul(centred, centred), axes));
    const mean = op.ReduceMean(dy, axes);
    const along = op.Mul(y, op.ReduceMean(op.Mul(dy, y), axes));
    return [op.Div(op.Sub(op.Sub(dy, mean), along), deviation)];
  },

  // y = x·D^(−β), D = κ + α/n·S(x²), S sums over n neighbouring channels
  //                                  x̄ = ȳ·D^(−β) − 2αβ/n·x·Sᵀ(ȳ·x·D^(−β−1))
  LRN: (c) => {
    const { op, dy, attrs } = c;
    const size = Number(attrs.size);
    const [alpha, beta] = [attrs.alpha ?? 1e-4, attrs.beta ?? 0.75];
    const channels = c.shape(c.x[0])?.[1];
    if (typeof channels !== "number") throw c.error("the number of channels is not known");
    const flat = (value: Value): Value => op.Reshape(value, op.int64([0, channels, -1]));
    const [x, dy_] = [flat(c.x[0]), flat(dy)];
    const window = channelWindow(channels, size);
    const sums = op.MatMul(op.float(window, [channels, channels]), op.Mul(x, x));
    const d = op.Add(op.Mul(sums, alpha / size), attrs.bias ?? 1);
    const scaled = op.Mul(dy_, op.Pow(d, -beta));
    const back = op.MatMul(op.float(transposed(window, channels), [channels, channels]), op.Div(op.Mul(scaled, x), d));
    return [c.reshapeLike(op.Sub(scaled, op.Mul(op.Mul(x, back), (2 * alpha * beta) / size)), c.x[0])];
  },
} satisfies Rules;

/** Row c has ones at c − ⌊(size − 1)/2⌋ … c + ⌈(size − 1)/2⌉. */
const channelWindow = (channels: number, size: number): number[] =>
  Array.from({ length: channels * channels }, (_, i) => {
    const distance = (i % channels) - Math.floor(i / channels);
    return distance >= -Math.floor((size - 1) / 2) && distance <= Math.ceil((size - 1) / 2) ? 1 : 0;
  });

const transposed = (square: readonly number[], n: number): number[] =>
  square.map((_, i) => square[(i % n) * n + Math.floor(i / n)]);
