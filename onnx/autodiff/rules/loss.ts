/** Gradients of the losses that exporters write as one operator, and of Det. */
import type { Value } from "../../rewrite/builder.ts";
import type { RuleContext, Rules } from "../rule.ts";
import { asInt64 } from "./shape.ts";

interface Targets {
  /** w̄ₖ: the losses of label k, less the mean loss where that is divided by Σ wₙ; undefined where there are no weights. */
  weights(losses: Value): Value;
  /** One-hot labels, shaped like the scores. */
  readonly hot: Value;
  /** Gradient of each place's loss, weighted, with the class axis as one. */
  readonly share: Value;
}

/** ∂L/∂lₙ for L = Σ wₙ·lₙ, or divided by Σ wₙ; wₙ is the weight of the label, 0 where that is ignored. */
function targets(c: RuleContext, dy: Value): Targets {
  const { op, attrs, shape, error } = c;
  const [scores, targets, weights] = c.x;
  const labels = asInt64(c, targets);
  const dims = shape(scores);
  const classes = dims?.[1];
  if (!dims || typeof classes !== "number") throw error("the number of classes is not known");
  const one = op.int64([1]);
  const hot = op.OneHot(labels, op.int64(classes), op.float([0, 1]), { axis: 1 });
  const along = op.int64([classes, ...dims.slice(2).map(() => 1)]);
  const of = weights ? op.ReduceSum(op.Mul(hot, op.Reshape(weights, along)), one) : op.ReduceSum(hot, one);
  const ignored = attrs.ignore_index === undefined ? undefined : op.int64(Number(attrs.ignore_index));
  const labelled = op.Unsqueeze(labels, one);
  const weight = ignored ? op.Where(op.Equal(labelled, ignored), 0, of) : of;
  const reduction = attrs.reduction ?? "mean";
  const total = reduction === "mean" ? op.Div(dy, op.ReduceSum(weight, null, { keepdims: 0 })) : dy;
  const across = dims.map((_, axis) => axis).filter((axis) => axis !== 1);
  return {
    hot,
    share: op.Mul(weight, reduction === "none" ? op.Unsqueeze(dy, one) : total),
    weights(losses) {
      const counted = ignored ? op.Where(op.Equal(labelled, ignored), 0, hot) : hot;
      const excess = reduction === "mean" ? op.Sub(losses, c.y) : losses;
      const each = op.Mul(op.Mul(counted, excess), reduction === "none" ? op.Unsqueeze(dy, one) : total);
      return op.ReduceSum(each, op.int64(across), { keepdims: 0 });
    },
  };
}

export const loss = {
  // l = −x[label]                    x̄ = −w·hot(label)                      w̄ₖ = Σ l over label k
  NegativeLogLikelihoodLoss: (c) => {
    const { op, x, wants } = c;
    const { hot, share, weights } = targets(c, c.dy);
    return [op.Neg(op.Mul(hot, share)), null, wants[2] ? weights(op.Neg(x[0])) : null];
  },

  // l = −ln softmax(x)[label]        x̄ = w·(softmax(x) − hot(label))        (and of its second output, ln softmax)
  SoftmaxCrossEntropyLoss: (c) => {
    const { op, dys, wants } = c;
    const softmax = op.Softmax(c.x[0], { axis: 1 });
    const terms: Value[] = [];
    let weighted = wants[2] ? c.zerosLike(c.x[2]) : null;
    if (dys[0]) {
      const { hot, share, weights } = targets(c, dys[0]);
      if (wants[2]) weighted = weights(op.Neg(op.LogSoftmax(c.x[0], { axis: 1 })));
      terms.push(op.Mul(op.Sub(softmax, hot), share));
    }
    if (dys[1]) terms.push(op.Sub(dys[1], op.Mul(softmax, op.ReduceSum(dys[1], op.int64([1])))));
    return [terms.reduce((a, b) => op.Add(a, b)), null, weighted];
  },

  // y = det x                        x̄ = ȳ·adj(x)ᵀ: (−1)^(i+j) times the determinant without row i and column j
  Det: ({ op, dy, x: [x], shape, error }) => {
    const dims = shape(x);
    const n = dims?.at(-1);
    if (!dims || typeof n !== "number") throw error("the size of the matrix is not known");
    const lead = dims.length - 2;
    const gradient = op.Unsqueeze(op.Unsqueeze(dy, op.int64([-1])), op.int64([-1]));
    if (n === 1) return [gradient];
    const others = Array.from({ length: n * (n - 1) }, (_, k) => {
      const [left, place] = [Math.floor(k / (n - 1)), k % (n - 1)];
      return place < left ? place : place + 1;
    });
    const table = op.Reshape(op.int64(others), op.int64([n, n - 1]));
    const rows = op.Gather(x, table, { axis: lead }); // …×i×(n−1)×n
    const minors = op.Gather(rows, table, { axis: lead + 2 }); // …×i×(n−1)×j×(n−1)
    const batch = Array.from({ length: lead }, (_, axis) => axis);
    const stacked = op.Transpose(minors, { perm: [...batch, lead, lead + 2, lead + 1, lead + 3] });
    const signs = Array.from({ length: n * n }, (_, k) => ((Math.floor(k / n) + (k % n)) % 2 === 0 ? 1 : -1));
    return [op.Mul(gradient, op.Mul(op.Det(stacked), op.float(signs, [n, n])))];
  },
} satisfies Rules;
