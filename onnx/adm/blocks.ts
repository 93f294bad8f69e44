/** The blocks of the ADM UNet: Dhariwal & Nichol 2021, arXiv:2105.05233, section 3 and guided_diffusion/unet.py. */
import type { Value } from "../rewrite/builder.ts";
import {
  adaptiveGroupNorm,
  conv,
  type Features,
  groupNorm,
  linear,
  type Net,
  pointwise,
  silu,
  toFloat,
  toTorso,
} from "./layers.ts";
import type { Layer } from "./structure.ts";
import { upsampleConv } from "./upsample-conv.ts";

/** Norm, SiLU, convolution, twice, beside a skip; the embedding enters before or inside the second norm. */
export function resBlock(
  net: Net,
  { name, to, resample }: Layer & { is: "res" },
  x: Features,
  emb: Value,
  scaleShift: boolean,
): Features {
  const { op } = net;
  const keys = { in: `${name}.in_layers`, emb: `${name}.emb_layers`, out: `${name}.out_layers` };
  const h = { ...x, value: silu(net, toTorso(net, groupNorm(net, `${keys.in}.0`, float(net, x)))) };
  const convolved =
    resample === "up"
      ? upsampleConv(net, `${keys.in}.2`, h)
      : convolve(net, `${keys.in}.2`, resample === "down" ? downsample(net, h) : h, to);
  const skip = resample === "up" ? upsample(net, x) : resample === "down" ? downsample(net, x) : x;

  const normed = scaleShift
    ? adaptiveGroupNorm(net, `${keys.out}.0`, float(net, convolved), `${keys.emb}.1`, emb)
    : groupNorm(net, `${keys.out}.0`, float(net, shifted(net, convolved, linear(net, `${keys.emb}.1`, emb))));
  const y = conv(net, `${keys.out}.3`, silu(net, toTorso(net, normed)));
  const skipped = x.channels === to ? skip.value : conv(net, `${name}.skip_connection`, skip.value, { kernel: 1 });
  return { ...convolved, value: op.Add(skipped, y) };
}

const convolve = (net: Net, name: string, x: Features, to: number): Features => ({
  ...x,
  value: conv(net, name, x.value),
  channels: to,
});

/** x plus one number a channel, N×C. */
function shifted(net: Net, x: Features, shift: Value): Features {
  const perChannel = net.op.Reshape(shift, net.op.int64([-1, x.channels, 1, 1]));
  return { ...x, value: net.op.Add(x.value, toTorso(net, perChannel)) };
}

/** Every position attends to every other: x + proj(attention(norm(x))). */
export function attentionBlock(
  net: Net,
  { name, channels }: Layer & { is: "attention" },
  x: Features,
  heads: number,
  newOrder: boolean,
): Features {
  const { op } = net;
  const normed = toTorso(net, groupNorm(net, `${name}.norm`, float(net, x), true));
  const [q, k, v] = splitHeads(net, pointwise(net, `${name}.qkv`, normed), channels, heads, newOrder);
  const attended = attention(net, q, k, v, channels / heads, net.torso);
  const y = pointwise(net, `${name}.proj_out`, op.Reshape(attended, op.int64([-1, channels, x.height * x.width])));
  return { ...x, value: op.Add(x.value, op.Reshape(y, op.int64([-1, channels, x.height, x.width]))) };
}

/** N×3C×T → q, k, v of N×heads×(C/heads)×T: split q, k and v first (new order), or the heads (legacy). */
export function splitHeads({ op }: Net, qkv: Value, channels: number, heads: number, newOrder: boolean): Value[] {
  const width = channels / heads;
  const [first, second, axis, part] = newOrder ? [3 * heads, width, 1, heads] : [heads, 3 * width, 2, width];
  const split = op.Reshape(qkv, op.int64([0, first, second, -1])); // 0: N as it is
  return op.add("Split", [split, op.int64([part, part, part])], { axis }, 3);
}

/**
 * softmax(qᵀk / √width) applied to v: Vaswani et al. 2017. q, k, v are N×heads×width×T, as the result. In float16 both
 * q and k are scaled before they meet, as in the reference, so that no product overflows.
 */
export function attention(net: Net, q: Value, k: Value, v: Value, width: number, type: "float32" | "float16"): Value {
  const { op } = net;
  const transposed = (x: Value) => op.Transpose(x, { perm: [0, 1, 3, 2] });
  if (type === "float32") {
    const scores = op.Mul(op.MatMul(transposed(q), k), 1 / Math.sqrt(width)); // onnxruntime fuses Transpose and scale
    return op.MatMul(v, transposed(op.Softmax(scores, { axis: -1 })));
  }
  const scale = op.Cast(op.float(width ** -0.25), { to: "float16" });
  const scores = op.MatMul(transposed(op.Mul(q, scale)), op.Mul(k, scale));
  const weights = op.Cast(op.Softmax(op.Cast(scores, { to: "float32" }), { axis: -1 }), { to: "float16" });
  return op.MatMul(v, transposed(weights));
}

/** Every pixel becomes 2×2 of them. */
export function upsample({ op }: Net, x: Features): Features {
  const y = op.Resize(x.value, null, op.float([1, 1, 2, 2]), {
    mode: "nearest",
    coordinate_transformation_mode: "asymmetric",
    nearest_mode: "floor",
  });
  return { ...x, value: y, height: 2 * x.height, width: 2 * x.width };
}

/** The mean of every 2×2 pixels; a last odd row or column is left out. */
export const downsample = ({ op }: Net, { value, channels, height, width }: Features): Features => ({
  value: op.AveragePool(value, { kernel_shape: [2, 2], strides: [2, 2] }),
  channels,
  height: Math.floor(height / 2),
  width: Math.floor(width / 2),
});

export const float = (net: Net, x: Features): Features => ({ ...x, value: toFloat(net, x.value) });
