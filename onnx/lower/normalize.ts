/**
 * A normalisation whose statistics the backward pass needs too. The rules compute mean and variance a second time;
 * LayerNormalization hands out its own (2.3 against 2.6–2.9 ms for 64 channels at 64², forward and backward). Tried, and no
 * faster: Σ g·x̂ as a MatMul without its product (0.29 against 0.15 ms for four of 64 channels at 16²), or as one of rows by
 * rows (2.0 ms for all of the demo's UNet, as the product and its mean, and 0.6 for its views), and a scale with its shift as
 * one BatchNormalization (0.081 against 0.085 ms); means by GlobalAveragePool took as long.
 */
import type { Dim } from "../ir.ts";
import type { GraphBuilder, Value } from "../rewrite/builder.ts";
import { type Form, is } from "../rewrite/pattern.ts";
import { row } from "../rewrite/row.ts";
import { sameDims } from "../shapes/size.ts";

/** More than this many values in a scale of ones cost more than they save. */
const maxScale = 1 << 17;

const mean = <const x extends Form>(x: x) =>
  is.ReduceMean<readonly [x, "axes"]>(x, "axes").where({ keepdims: (keepdims) => keepdims !== 0 });

/**
 * γ·x̂ + β, where x̂ = (x − μ)·σ⁻¹ with σ⁻¹ = 1/√(mean (x − μ)² + ε) is computed again: LayerNormalization over the same
 * axes, with scale and bias applied after it where they are not 1 and 0.
 */
export const sharedStatistics = row({
  pattern: is.InstanceNormalization("x", "gamma", "beta").as("y"),
  again: {
    centred: is.Sub("x", mean("x")),
    invStd: is.Div(1, is.Sqrt(is.Add(mean(is.Mul("centred", "centred")), "eps"))),
    xHat: is.Mul("centred", "invStd"),
  },
  when({ x, axes, eps }, { attrs, shape, type, numbers }) {
    const spatial = shape(x)?.slice(2);
    const [added, over] = [numbers(eps), numbers(axes)];
    if (!(areaOf(spatial) <= maxScale) || type(x) !== "float32" || added?.length !== 1) return false;
    const isOverSpace = over?.length === spatial?.length && spatial?.every((_, i) => over?.includes(i + 2));
    return isOverSpace === true && Math.fround(added[0]) === Math.fround(attrs.epsilon ?? 1e-5);
  },
  becomes(op, { x, gamma, beta }, { attrs: { epsilon = 1e-5 }, shape, numbers }) {
    const spatial = shape(x)!.slice(2) as number[];
    const [xHat, , invStd] = layerNorm(op, x, spatial, epsilon);
    const perChannel = (value: Value): Value => op.Reshape(value, op.int64([-1, ...spatial.map(() => 1)]));
    const scaled = numbers(gamma)?.every((value) => value === 1) ? xHat : op.Mul(xHat, perChannel(gamma));
    const y = numbers(beta)?.every((value) => value === 0) ? scaled : op.Add(scaled, perChannel(beta));
    return { y, xHat, invStd };
  },
});

/**
 * A norm without scale and bias, as the networks' group norms are: one kernel of WebGPU, where InstanceNormalization is two.
 */
export const plainInstanceNorm = row({
  pattern: is.InstanceNormalization("x", "gamma", "beta"),
  when: ({ x, gamma, beta }, { shape, type, numbers }) =>
    areaOf(shape(x)?.slice(2)) <= maxScale &&
    type(x) === "float32" &&
    numbers(gamma)?.every((value) => value === 1) === true &&
    numbers(beta)?.every((value) => value === 0) === true,
  becomes: (op, { x }, { attrs: { epsilon = 1e-5 }, shape }) =>
    layerNorm(op, x, shape(x)!.slice(2) as number[], epsilon)[0],
});

/** x̂, mean and 1/σ of x, N×C×…, over all behind C. */
function layerNorm(op: GraphBuilder, x: Value, spatial: readonly number[], epsilon: number): readonly Value[] {
  const filled = op.filled(areaOf(spatial), 1);
  const ones = spatial.length === 1 ? filled : op.Reshape(filled, op.int64(spatial));
  return op.add("LayerNormalization", [x, ones], { axis: 2, epsilon }, 3);
}

/** NaN where it is not known. */
const areaOf = (spatial: readonly Dim[] | undefined): number =>
  spatial?.reduce<number>((a, b) => a * Number(b), 1) ?? Number.NaN;

/**
 * The backward pass of a norm multiplies by the scale of each channel, then by 1/σ of each group. The two small factors
 * are multiplied first, which saves a pass over the features.
 */
export const joinedScales = row({
  pattern: is.Mul(is.Reshape(is.Mul("z", "scale").as("scaled"), "target").as("grouped"), "invStd"),
  when({ z, scale, scaled, grouped, invStd }, { shape, uses }) {
    const ofGroups = shape(grouped);
    const [batch, groups, size] = ofGroups ?? [];
    const dims = shape(z);
    if (ofGroups?.length !== 3 || typeof groups !== "number" || size === 1) return false;
    if (uses(grouped) > 1 || uses(scaled) > 1) return false;
    const isOfGroups = sameDims(shape(invStd), [batch, groups, 1]);
    return isOfGroups && typeof dims?.[1] === "number" && dims[0] === batch && isPerChannel(shape(scale), dims);
  },
  becomes(op, { z, scale, grouped, target, invStd }, { shape }) {
    const [, channels, ...spatial] = shape(z) as number[];
    const groups = shape(grouped)![1] as number;
    const perGroup = op.Mul(op.Reshape(scale, op.int64([-1, groups, channels / groups])), invStd);
    const perChannel = op.Reshape(perGroup, op.int64([-1, channels, ...spatial.map(() => 1)]));
    return op.Reshape(op.Mul(z, perChannel), target);
  },
});

/** Whether a scale has a value for each channel, perhaps of each sample, and none for each place. */
function isPerChannel(scale: readonly Dim[] | undefined, z: readonly Dim[]): boolean {
  const spatial = z.length - 2;
  if (!scale || spatial < 1 || scale.length > z.length || scale.length < z.length - 1) return false;
  const isOfSamples = scale.length < z.length || scale[0] === 1 || scale[0] === z[0];
  return isOfSamples && scale.slice(-spatial).every((dim) => dim === 1) && scale.at(-spatial - 1) === z[1];
}
