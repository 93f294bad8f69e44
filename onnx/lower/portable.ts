/** Operators without a kernel on WebGPU, where onnxruntime would copy to the CPU and back without a word. */
import type { Value } from "../rewrite/builder.ts";
import { is } from "../rewrite/pattern.ts";
import { row } from "../rewrite/row.ts";

/** log softmax x = x − max x − ln Σ e^(x − max x) */
export const logSoftmax = row({
  pattern: is.LogSoftmax("x"),
  becomes(op, { x }, { attrs: { axis = -1 } }) {
    const below = op.Sub(x, op.ReduceMax(x, op.int64([axis]), { keepdims: 1 }));
    const sum = op.ReduceSum(op.Exp(below), op.int64([axis]), { keepdims: 1 });
    return op.Sub(below, op.Log(sum));
  },
});

/** a + b + c = (a + b) + c */
export const sum = row({
  pattern: is.Sum(),
  becomes: (op, _, { node }) => node.inputs.reduce((total, term) => op.Add(total, term)),
});

/** Group norm as an instance norm of the groups, then scale and bias: per group before opset 21, per channel since. */
export const groupNorm = row({
  pattern: is.GroupNormalization("x", "gamma", "beta"),
  when: ({ x }, { attrs: { stash_type: stash = "float32" }, shape, type }) =>
    !!shape(x) && stash === "float32" && type(x) === "float32",
  becomes(op, { x, gamma, beta }, { attrs, opset, shape }) {
    const { num_groups: groups = 1, epsilon = 1e-5 } = attrs;
    const grouped = op.Reshape(x, op.int64([0, groups, -1]));
    const normed = op.InstanceNormalization(grouped, op.filled(groups, 1), op.filled(groups, 0), { epsilon });
    if (opset < 21) {
      const perGroup = (value: Value): Value => op.Reshape(value, op.int64([groups, 1]));
      return op.Reshape(op.Add(op.Mul(normed, perGroup(gamma)), perGroup(beta)), op.Shape(x));
    }
    const spatial = shape(x)!.slice(2);
    const perChannel = (value: Value): Value => op.Reshape(value, op.int64([-1, ...spatial.map(() => 1)]));
    return op.Add(op.Mul(op.Reshape(normed, op.Shape(x)), perChannel(gamma)), perChannel(beta));
  },
});

/** onehot(i)[k] = k is i ? on : off; an index below 0 counts from the end, one outside is nowhere. */
export const oneHot = row({
  pattern: is.OneHot("indices", "depth", "values"),
  when: ({ indices, depth }, { numbers, shape, type }) =>
    numbers(depth)?.length === 1 && !!shape(indices) && type(indices) === "int64",
  becomes(op, { indices, depth, values }, { attrs: { axis = -1 }, numbers, shape }) {
    const [[count], rank] = [numbers(depth)!, shape(indices)!.length];
    const at = axis < 0 ? axis + rank + 1 : axis;
    const trailing = Array.from({ length: rank - at }, () => 1);
    const counted = op.Where(op.Less(indices, op.int64(0)), op.Add(indices, op.int64(count)), indices);
    const classes = op.Reshape(op.int64(Array.from({ length: count }, (_, k) => k)), op.int64([count, ...trailing]));
    const hits = op.Equal(op.Unsqueeze(counted, op.int64([at])), classes);
    const value = (index: number): Value => op.Gather(values, op.int64(index));
    return op.Where(hits, value(1), value(0));
  },
});
