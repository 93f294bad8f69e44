/** Attention and the rotation of its queries and keys: ai.onnx 23 and 24, and onnxruntime's MultiHeadAttention. */
import type { GraphBuilder, Value } from "../../rewrite/builder.ts";
import { is } from "../../rewrite/pattern.ts";
import { type Rows, row, type View } from "../../rewrite/row.ts";

/** N×S×(H·D) → N×H×S×D */
const split = (op: GraphBuilder, x: Value, heads: number): Value =>
  op.Transpose(op.Reshape(x, op.int64([0, 0, heads, -1])), { perm: [0, 2, 1, 3] });

/** N×H×S×D → N×S×(H·D) */
const join = (op: GraphBuilder, x: Value): Value =>
  op.Reshape(op.Transpose(x, { perm: [0, 2, 1, 3] }), op.int64([0, 0, -1]));

const length = (op: GraphBuilder, x: Value, axis: number): Value => op.Shape(x, { start: axis, end: axis + 1 });

/** N×G×L×D → N×H×L×D: each head of keys or values serves H/G queries. */
function repeated(op: GraphBuilder, x: Value, times: number): Value {
  if (times === 1) return x;
  const apart = op.Unsqueeze(x, op.int64([2]));
  const shape = op.Concat(length(op, x, 0), length(op, x, 1), op.int64([times]), op.Shape(x, { start: 2 }), {
    axis: 0,
  });
  const all = op.Expand(apart, shape);
  return op.Reshape(all, op.Concat(length(op, x, 0), op.int64([-1]), op.Shape(x, { start: 2 }), { axis: 0 }));
}

/** 0 where query i may look at key j, j ≤ i + the keys that were there before, else −∞: S×L. */
function causal(op: GraphBuilder, q: Value, k: Value, past: Value | undefined): Value {
  const counted = (x: Value): Value => op.Range(op.int64(0), op.Squeeze(length(op, x, 2), op.int64([0])), op.int64(1));
  const own = op.Unsqueeze(counted(q), op.int64([1]));
  const rows = past === undefined ? own : op.Add(own, length(op, past, 2));
  const hidden = op.Greater(op.Unsqueeze(counted(k), op.int64([0])), rows);
  return op.Where(hidden, Number.NEGATIVE_INFINITY, 0);
}

const headsOf = ({ shape }: Pick<View, "shape">, x: Value, given: number | undefined): number | undefined => {
  const dims = shape(x);
  const heads = dims?.length === 4 ? dims[1] : given;
  return typeof heads === "number" ? heads : undefined;
};

export const attention: Rows = {
  // softmax(c·tanh(s·QKᵀ + m / c))·V over heads (Vaswani et al. 2017, arXiv:1706.03762, eq. 1; ai.onnx 23)
  attention: row({
    pattern: is.Attention("q", "k", "v", "mask", "pastKey", "pastValue"),
    when: ({ q, k }, { attrs, node, ...view }) =>
      !node.outputs[3] &&
      !node.inputs[6] &&
      headsOf(view, q, attrs.q_num_heads) !== undefined &&
      headsOf(view, k, attrs.kv_num_heads) !== undefined,
    becomes(op, { q, k, v, mask, pastKey, pastValue }, { attrs, type, shape }) {
      const [heads, groups] = [headsOf({ shape }, q, attrs.q_num_heads)!, headsOf({ shape }, k, attrs.kv_num_heads)!];
      const isFlat = shape(q)?.length === 3;
      const queries = isFlat ? split(op, q, heads) : q;
      const own = (x: Value): Value => (shape(x)?.length === 3 ? split(op, x, groups) : x);
      const keys = pastKey ? op.Concat(pastKey, own(k), { axis: 2 }) : own(k);
      const values = pastValue ? op.Concat(pastValue, own(v), { axis: 2 }) : own(v);
      const turned = op.Transpose(repeated(op, keys, heads / groups), { perm: [0, 1, 3, 2] });
      const size = shape(queries)?.[3];
      const root = op.Sqrt(op.Cast(op.Squeeze(length(op, queries, 3), op.int64([0])), { to: type(q) }));
      const scale = attrs.scale ?? (typeof size === "number" ? 1 / Math.sqrt(size) : op.Div(1, root));
      let scores = op.Mul(op.MatMul(queries, turned), scale);
      const cap = attrs.softcap ?? 0;
      if (cap !== 0) scores = op.Mul(op.Tanh(op.Mul(scores, 1 / cap)), cap);
      if (mask) scores = op.Add(scores, type(mask) === "bool" ? op.Where(mask, 0, Number.NEGATIVE_INFINITY) : mask);
      if (attrs.is_causal) scores = op.Add(scores, causal(op, queries, keys, pastKey || undefined));
      const y = op.MatMul(op.Softmax(scores, { axis: -1 }), repeated(op, values, heads / groups));
      return [isFlat ? join(op, y) : y, keys, values];
    },
  }),
  // (x₁·cos − x₂·sin, x₂·cos + x₁·sin) of halves or of neighbours (Su et al. 2021, arXiv:2104.09864, eq. 34; ai.onnx 23)
  rotaryEmbedding: row({
    pattern: is.RotaryEmbedding("x", "cos", "sin", "places"),
    when: ({ x }, { attrs, ...view }) => headsOf(view, x, attrs.num_heads || undefined) !== undefined,
    becomes(op, { x, cos, sin, places }, { attrs, shape }) {
      const { interleaved = 0, num_heads: heads = 0, rotary_embedding_dim: rotated = 0 } = attrs;
      const isFlat = shape(x)?.length === 3;
      const apart = isFlat ? split(op, x, heads) : x; // N×H×S×D
      const part = (value: Value, from: number, to: number, step = 1): Value =>
        op.Slice(value, op.int64([from]), op.int64([to]), op.int64([3]), op.int64([step]));
      const end = 2 ** 62;
      const turning = rotated ? part(apart, 0, rotated) : apart;
      const of = (cache: Value): Value =>
        op.Unsqueeze(places ? op.Gather(cache, places, { axis: 0 }) : cache, op.int64([1]));
      const [c, s] = [of(cos), of(sin)]; // N×1×S×D/2
      const [first, second] = interleaved
        ? [part(turning, 0, end, 2), part(turning, 1, end, 2)]
        : op.add("Split", [turning], { axis: 3, num_outputs: 2 }, 2);
      const real = op.Sub(op.Mul(first, c), op.Mul(second, s));
      const imaginary = op.Add(op.Mul(first, s), op.Mul(second, c));
      const pairs = interleaved
        ? op.Reshape(
            op.Concat(op.Unsqueeze(real, op.int64([4])), op.Unsqueeze(imaginary, op.int64([4])), { axis: 4 }),
            op.Shape(turning),
          )
        : op.Concat(real, imaginary, { axis: 3 });
      const y = rotated ? op.Concat(pairs, part(apart, rotated, end), { axis: 3 }) : pairs;
      return isFlat ? join(op, y) : y;
    },
  }),
  // the same of N×S×(H·D), with a bias for each of Q, K and V, and one for the scores
  multiHeadAttention: row({
    pattern: is.MultiHeadAttention("q", "k", "v", "bias", "padding", "scores"),
    when: ({ q, k, v, padding }, { node, shape, attrs }) =>
      padding === "" &&
      !attrs.unidirectional &&
      !node.outputs[1] &&
      node.inputs.slice(6).every((name) => name === "") &&
      [q, k, v].every((x) => shape(x)?.length === 3) &&
      [q, k, v].every((x) => typeof shape(x)![2] === "number"),
    becomes(op, { q, k, v, bias, scores }, { attrs: { num_heads: heads = 1, scale }, shape }) {
      const widths = [q, k, v].map((x) => shape(x)![2] as number);
      const biases = bias ? op.add("Split", [bias, op.int64(widths)], { axis: 0 }, 3) : [];
      const [queries, keys, values] = [q, k, v].map((x, i) => split(op, bias ? op.Add(x, biases[i]) : x, heads));
      const products = op.MatMul(queries, op.Transpose(keys, { perm: [0, 1, 3, 2] }));
      const scaled = op.Mul(products, scale || Math.sqrt(heads / widths[0]));
      const y = op.MatMul(op.Softmax(scores ? op.Add(scaled, scores) : scaled, { axis: -1 }), values);
      return join(op, y);
    },
  }),
};
