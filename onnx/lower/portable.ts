/** Operators without a kernel on WebGPU, where onnxruntime would copy to the CPU and back without a word. */
import type { Value } from "../rewrite/builder.ts";
import type { Lowering } from "./rewrite.ts";

/** log softmax x = x − max x − ln Σ e^(x − max x) */
export const logSoftmax: Lowering = (node, { op }) => {
  const [x] = node.inputs;
  const axes = op.int64([Number(node.attributes.axis ?? -1)]);
  const below = op.Sub(x, op.ReduceMax(x, axes, { keepdims: 1 }));
  const sum = op.ReduceSum(op.Exp(below), axes, { keepdims: 1 });
  return { [node.outputs[0]]: op.Sub(below, op.Log(sum)) };
};

/** A sum of many is a chain of sums of two. */
export const sum: Lowering = (node, { op }) => ({
  [node.outputs[0]]: node.inputs.reduce((total, term) => op.Add(total, term)),
});

/** Group norm as an instance norm of the groups, then scale and bias: per group before opset 21, per channel since. */
export const groupNorm: Lowering = (node, view) => {
  const { op, shape, opset } = view;
  const [x, gamma, beta] = node.inputs;
  const dims = shape(x);
  const { num_groups: groups, epsilon = 1e-5, stash_type: stash = "float32" } = node.attributes;
  if (!dims || typeof groups !== "number" || stash !== "float32" || view.type(x) !== "float32") return undefined;
  const spatial = Array.from({ length: dims.length - 2 }, () => 1);
  const grouped = op.Reshape(x, op.int64([0, groups, -1]));
  const normed = op.InstanceNormalization(grouped, view.filled(groups, 1), view.filled(groups, 0), {
    epsilon: Number(epsilon),
  });
  if (opset < 21) {
    const perGroup = (value: Value): Value => op.Reshape(value, op.int64([groups, 1]));
    const y = op.Add(op.Mul(normed, perGroup(gamma)), perGroup(beta));
    return { [node.outputs[0]]: op.Reshape(y, op.Shape(x)) };
  }
  const perChannel = (value: Value): Value => op.Reshape(value, op.int64([-1, ...spatial]));
  const y = op.Mul(op.Reshape(normed, op.Shape(x)), perChannel(gamma));
  return { [node.outputs[0]]: op.Add(y, perChannel(beta)) };
};

/** onehot(i)[k] = k is i ? on : off; an index below 0 counts from the end, one outside is nowhere. */
export const oneHot: Lowering = (node, view) => {
  const { op, numbers, shape } = view;
  const [indices, depth, values] = node.inputs;
  const count = numbers(depth)?.[0];
  const rank = shape(indices)?.length;
  if (count === undefined || rank === undefined || view.type(indices) !== "int64") return undefined;
  const axis = Number(node.attributes.axis ?? -1);
  const at = axis < 0 ? axis + rank + 1 : axis;
  const trailing = Array.from({ length: rank - at }, () => 1);
  const counted = op.Where(op.Less(indices, op.int64(0)), op.Add(indices, op.int64(count)), indices);
  const classes = op.Reshape(op.int64(Array.from({ length: count }, (_, k) => k)), op.int64([count, ...trailing]));
  const hits = op.Equal(op.Unsqueeze(counted, op.int64([at])), classes);
  const value = (index: number): Value => op.Gather(values, op.int64(index));
  return { [node.outputs[0]]: op.Where(hits, value(1), value(0)) };
};
