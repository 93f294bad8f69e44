/**
 * com.microsoft, as onnxruntime/docs/ContribOperators.md has it. Forms that a row does not cover stay as they are, and their
 * gradient is refused by name.
 */
import type { GraphBuilder, Value } from "../../rewrite/builder.ts";
import { is } from "../../rewrite/pattern.ts";
import { type Rows, row } from "../../rewrite/row.ts";

const microsoft = "com.microsoft";

const lastTwoSwapped = (rank: number): number[] =>
  Array.from({ length: rank }, (_, axis) => (axis < rank - 2 ? axis : 2 * rank - 3 - axis));

/** x·Φ(x), Φ the normal distribution (Hendrycks & Gimpel 2016, arXiv:1606.08415, section 2). */
const gelu = (op: GraphBuilder, x: Value): Value => op.Mul(op.Mul(x, 0.5), op.Add(op.Erf(op.Mul(x, Math.SQRT1_2)), 1));

/** x(1 + tanh √(2/π)(x + 0.044715x³))/2, its approximation there. */
const fastGelu = (op: GraphBuilder, x: Value): Value => {
  const inner = op.Mul(op.Mul(x, op.Add(op.Mul(op.Mul(x, x), 0.044715), 1)), Math.sqrt(2 / Math.PI));
  return op.Mul(op.Mul(x, 0.5), op.Add(op.Tanh(inner), 1));
};

/** x·γ/√(mean x² + ε) over the axes from `axis` on (Zhang & Sennrich 2019, arXiv:1910.07467, eq. 4). */
const rmsNorm = (op: GraphBuilder, x: Value, gamma: Value, epsilon: number, axes: readonly number[]): Value => {
  const square = op.ReduceMean(op.Mul(x, x), op.int64(axes), { keepdims: 1 });
  return op.Mul(op.Div(x, op.Sqrt(op.Add(square, epsilon))), gamma);
};

const plus = (op: GraphBuilder, ...terms: readonly Value[]): Value =>
  terms.filter((term) => term !== "").reduce((a, b) => op.Add(a, b));

/** The activation of a fused operator; undefined for one that has no name here. */
function activated(op: GraphBuilder, x: Value, name = "", parameters: readonly number[] = []): Value | undefined {
  const [a, b] = parameters;
  switch (name) {
    case "":
      return x;
    case "Relu":
    case "Tanh":
    case "Sigmoid":
      return op[name](x);
    case "LeakyRelu":
      return op.LeakyRelu(x, { alpha: a });
    case "HardSigmoid":
      return op.HardSigmoid(x, { alpha: a, beta: b });
    case "Clip":
      return op.Clip(x, a, b);
    default:
      return undefined;
  }
}

export const contrib: Rows = {
  // α·A·B, either transposed as its attributes say; where the rank of what is transposed is not known it stays as it is
  fusedMatMul: row({
    pattern: is.FusedMatMul("a", "b"),
    when: ({ a, b }, { attrs, shape }) =>
      !attrs.transBatchA && !attrs.transBatchB && (!attrs.transA || !!shape(a)) && (!attrs.transB || !!shape(b)),
    becomes(op, { a, b }, { attrs: { transA, transB, alpha = 1 }, shape }) {
      const flip = (value: Value): Value => op.Transpose(value, { perm: lastTwoSwapped(shape(value)!.length) });
      const product = op.MatMul(transA ? flip(a) : a, transB ? flip(b) : b);
      return alpha === 1 ? product : op.Mul(product, alpha);
    },
  }),
  // x·Φ(x)
  gelu: row({ pattern: is.Gelu("x").of(microsoft), becomes: (op, { x }) => gelu(op, x) }),
  // (x + b)·Φ(x + b)
  biasGelu: row({ pattern: is.BiasGelu("x", "b"), becomes: (op, { x, b }) => gelu(op, op.Add(x, b)) }),
  // the same by tanh, b optional
  fastGelu: row({ pattern: is.FastGelu("x", "b"), becomes: (op, { x, b }) => fastGelu(op, plus(op, x, b)) }),
  // x·σ(αx)
  quickGelu: row({
    pattern: is.QuickGelu("x"),
    becomes: (op, { x }, { attrs: { alpha = 1.702 } }) => op.Mul(x, op.Sigmoid(op.Mul(x, alpha))),
  }),
  // the norm of h = x + skip + bias, its mean and 1/σ, and h
  skipLayerNormalization: row({
    pattern: is.SkipLayerNormalization("x", "skip", "gamma", "beta", "bias"),
    becomes(op, { x, skip, gamma, beta, bias }, { attrs: { epsilon = 1e-12 } }) {
      const sum = plus(op, x, skip, bias);
      return [...op.add("LayerNormalization", [sum, gamma, beta], { axis: -1, epsilon }, 3), sum];
    },
  }),
  // h·γ/√(mean h² + ε) of h = x + skip + bias; two outputs that are nothing; and h
  skipSimplifiedLayerNormalization: row({
    pattern: is.SkipSimplifiedLayerNormalization("x", "skip", "gamma", "bias"),
    when: (_, { node }) => !node.outputs[1] && !node.outputs[2],
    becomes(op, { x, skip, gamma, bias }, { attrs: { epsilon = 1e-12 } }) {
      const sum = plus(op, x, skip, bias);
      return [rmsNorm(op, sum, gamma, epsilon, [-1]), "", "", sum];
    },
  }),
  // x·γ/√(mean x² + ε)
  simplifiedLayerNormalization: row({
    pattern: is.SimplifiedLayerNormalization("x", "gamma"),
    when: ({ x }, { node, shape }) => !node.outputs[1] && !!shape(x),
    becomes(op, { x, gamma }, { attrs: { axis = -1, epsilon = 1e-5 }, shape }) {
      const rank = shape(x)!.length;
      const from = axis < 0 ? axis + rank : axis;
      const axes = Array.from({ length: rank - from }, (_, i) => from + i);
      return rmsNorm(op, x, gamma, epsilon, axes);
    },
  }),
  // a(w ∗ x + b + z)
  fusedConv: row({
    pattern: is.FusedConv("x", "w", "b", "z"),
    becomes(op, { x, w, b, z }, { attrs: { activation, activation_params: parameters, ...attributes } }) {
      return activated(op, plus(op, op.Conv(x, w, b || null, attributes), z), activation, parameters);
    },
  }),
  // a(α·A·B + β·C)
  fusedGemm: row({
    pattern: is.FusedGemm("a", "b", "c"),
    becomes(op, { a, b, c }, { attrs: { activation, activation_alpha: first, activation_beta: second, ...rest } }) {
      const { activation_gamma: _, ...attributes } = rest;
      return activated(op, op.Gemm(a, b, c || null, attributes), activation, [first ?? 0, second ?? 0]);
    },
  }),
  // the norm over groups of channels, N×H×W×C as a rule, then x·σ(x) where it is asked for
  groupNorm: row({
    pattern: is.GroupNorm("x", "gamma", "beta"),
    becomes(op, { x, gamma, beta }, { attrs }) {
      const { activation = 0, channels_last: isLast = 1, epsilon = 1e-5, groups = 1 } = attrs;
      const first = isLast ? op.Transpose(x, { perm: [0, 3, 1, 2] }) : x;
      const grouped = op.Reshape(first, op.int64([0, groups, -1]));
      const [ones, zeros] = [op.filled(groups, 1), op.filled(groups, 0)];
      const normed = op.Reshape(op.InstanceNormalization(grouped, ones, zeros, { epsilon }), op.Shape(first));
      const along = (vector: Value): Value => op.Reshape(vector, op.int64([-1, 1, 1]));
      const y = op.Add(op.Mul(normed, along(gamma)), along(beta));
      const z = activation === 1 ? op.Mul(y, op.Sigmoid(y)) : y;
      return isLast ? op.Transpose(z, { perm: [0, 2, 3, 1] }) : z;
    },
  }),
};
