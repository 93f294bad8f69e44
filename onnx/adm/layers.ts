/** The layers that a network is made of, in the forms that are fast on onnxruntime's CPU provider. */
import { type StateDict, toFloat32Bytes, toHalfBytes } from "../checkpoint/index.ts";
import type { GraphBuilder, Value } from "../rewrite/builder.ts";

/** What building needs at every layer: the builder, the weights, and the type the torso computes in. */
export interface Net {
  readonly op: GraphBuilder;
  readonly state: StateDict;
  /** float16: convolutions and attention products are halved; embeddings, norms, softmax and the head never are. */
  readonly torso: "float32" | "float16";
}

/** Features on their way through the network: N×C×H×W, or N×C×T as attention sees them. */
export interface Features {
  readonly value: Value;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** A weight under its key, seen as `dims`; its bytes stay in the file until the graph is written, and are `made` then. */
export function weight(
  { op, state }: Net,
  key: string,
  dims?: readonly number[],
  type: "float32" | "float16" = "float32",
  made = (values: Float32Array): Float32Array => values,
): Value {
  const tensor = state.get(key)!;
  const shape = dims ?? tensor.dims;
  const count = shape.reduce((product, dim) => product * dim, 1);
  const read = async () => made(await tensor.readFloat32());
  const data =
    type === "float16"
      ? { byteLength: 2 * count, read: async () => toHalfBytes(await read()) }
      : { byteLength: 4 * count, read: async () => toFloat32Bytes(await read()) };
  return op.weight(key, { type, dims: shape, data });
}

/** x · wᵀ + b. */
export const linear = (net: Net, name: string, x: Value): Value =>
  net.op.Gemm(x, weight(net, `${name}.weight`), weight(net, `${name}.bias`), { transB: 1 });

/** A square convolution of the torso. */
export const conv = (net: Net, name: string, x: Value, { kernel = 3, stride = 1, type = net.torso } = {}): Value =>
  net.op.Conv(x, weight(net, `${name}.weight`, undefined, type), weight(net, `${name}.bias`, undefined, type), {
    kernel_shape: [kernel, kernel],
    pads: Array(4).fill((kernel - 1) / 2),
    strides: [stride, stride],
  });

/** A convolution with kernel 1 over N×C×T as a matrix product: as fast as Conv on the CPU, and so is its gradient. */
export function pointwise(net: Net, name: string, x: Value, type = net.torso): Value {
  const [to, from] = net.state.get(`${name}.weight`)!.dims;
  const product = net.op.MatMul(weight(net, `${name}.weight`, [to, from], type), x);
  return net.op.Add(product, weight(net, `${name}.bias`, [to, 1], type));
}

/** x · σ(x): Elfwing et al. 2018. onnxruntime fuses the two. */
export const silu = ({ op }: Net, x: Value): Value => op.Mul(x, op.Sigmoid(x));

const groups = 32;

/**
 * Group normalisation (Wu & He 2018) with 32 groups, ε = 1e-5, and what `affine` makes of it: GroupNorm32. Features are in
 * groups until then, N×32×(C/32)×T, and so is their gradient on its way back, with no views between; one channel is a group
 * as it is. `flat` gives N×C×T.
 */
function normalise(
  { op }: Net,
  { value, channels, height, width }: Features,
  affine: (normed: Value) => Value,
  flat = false,
): Value {
  const inGroups = op.int64([-1, groups, channels / groups, height * width]);
  const stays = channels === groups && !flat;
  const grouped = stays ? value : op.Reshape(value, inGroups);
  const normed = op.InstanceNormalization(grouped, op.filled(groups, 1), op.filled(groups, 0), { epsilon: 1e-5 });
  const shape = flat ? [-1, channels, height * width] : [-1, channels, height, width];
  return stays ? affine(normed) : op.Reshape(affine(normed), op.int64(shape));
}

/** GroupNorm32 with a scale and a shift of each channel. In and out float32. */
export function groupNorm(net: Net, name: string, x: Features, flat = false): Value {
  const perChannel = [groups, x.channels / groups, 1];
  const [gamma, beta] = ["weight", "bias"].map((part) => weight(net, `${name}.${part}`, perChannel));
  return normalise(net, x, (normed) => net.op.Add(net.op.Mul(normed, gamma), beta), flat);
}

/**
 * Adaptive group norm: (norm · γ + β) · (1 + s) + b, N×C×H×W, with s and b, N×C each, from a linear layer of the embedding.
 * What the norm is multiplied by and what is added, γ(1 + s) and β(1 + s) + b, are linear in the embedding as well, so the
 * layer is given weights that answer with these two: nothing is left to do between it and the features.
 */
export function adaptiveGroupNorm(net: Net, name: string, x: Features, embLayer: string, emb: Value): Value {
  const { op } = net;
  const affine = op.Gemm(emb, folded(net, embLayer, name, "weight"), folded(net, embLayer, name, "bias"), {
    transB: 1,
  });
  const perChannel = op.Reshape(affine, op.int64([-1, 2 * groups, x.channels / groups, 1]));
  const [a, b] = op.add("Split", [perChannel, op.int64([groups, groups])], { axis: 1 }, 2);
  return normalise(net, x, (normed) => op.Add(op.Mul(normed, a), b));
}

/** Weight or bias of a layer that answers with s and b, made one that answers with γ(1 + s) and β(1 + s) + b. */
function folded({ op, state }: Net, layer: string, norm: string, part: "weight" | "bias"): Value {
  const tensor = state.get(`${layer}.${part}`)!;
  const [gamma, beta] = [state.get(`${norm}.weight`)!, state.get(`${norm}.bias`)!];
  const count = tensor.dims.reduce((product, dim) => product * dim, 1);
  const read = async (): Promise<Uint8Array> => {
    const [sb, γ, β] = await Promise.all([tensor, gamma, beta].map((one) => one.readFloat32()));
    const columns = count / (2 * γ.length);
    const one = part === "bias" ? 1 : 0;
    const made = new Float32Array(count);
    for (let i = 0; i < count / 2; i++) {
      const [channel, shift] = [Math.floor(i / columns), i + count / 2];
      made[i] = γ[channel] * (one + sb[i]);
      made[shift] = β[channel] * (one + sb[i]) + sb[shift];
    }
    return toFloat32Bytes(made);
  };
  return op.weight(`${layer}.with_norm.${part}`, {
    type: "float32",
    dims: tensor.dims,
    data: { byteLength: 4 * count, read },
  });
}

/** float16 features to float32 and back; nothing in a float32 network. */
export const toFloat = ({ op, torso }: Net, x: Value): Value =>
  torso === "float32" ? x : op.Cast(x, { to: "float32" });
export const toTorso = ({ op, torso }: Net, x: Value): Value =>
  torso === "float32" ? x : op.Cast(x, { to: "float16" });
