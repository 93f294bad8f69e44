/** From the last features of an encoder classifier to its logits: the four pools of `EncoderUNetModel`. */
import type { Value } from "../rewrite/builder.ts";
import { attention, splitHeads } from "./blocks.ts";
import { type Heads, poolHeads } from "./heads.ts";
import { type Features, groupNorm, linear, type Net, pointwise, silu, weight } from "./layers.ts";
import { spatialWidth } from "./shapes.ts";
import type { AdmStructure } from "./structure.ts";

/** Logits, N×classes. `blocks` are the features after every block, the last one `x`; all float32. */
export function pooled(
  net: Net,
  structure: AdmStructure,
  heads: Heads,
  x: Features,
  blocks: readonly Features[],
): Value {
  switch (structure.pool) {
    case "attention":
      return attentionPool(
        net,
        { ...x, value: silu(net, groupNorm(net, "out.0", x)) },
        structure,
        poolHeads(heads, x.channels),
      );
    case "spatial":
      return linear(net, "out.2", net.op.Relu(linear(net, "out.0", means(net, blocks))));
    case "spatial_v2": {
      const hidden: Features = {
        value: linear(net, "out.0", means(net, blocks)),
        channels: spatialWidth,
        height: 1,
        width: 1,
      };
      return linear(net, "out.3", silu(net, flatNorm(net, hidden)));
    }
    default: {
      const mean = net.op.ReduceMean(silu(net, groupNorm(net, "out.0", x)), net.op.int64([2, 3]), { keepdims: 0 });
      const [classes, channels] = net.state.get("out.3.weight")!.dims;
      return net.op.Gemm(mean, weight(net, "out.3.weight", [classes, channels]), weight(net, "out.3.bias"), {
        transB: 1,
      });
    }
  }
}

/** Group norm of N×C values without space. */
function flatNorm(net: Net, x: Features): Value {
  return net.op.Reshape(groupNorm(net, "out.1", x, true), net.op.int64([-1, x.channels]));
}

/** The mean over space of each block's features, one after the other: N×featureChannels. */
function means({ op }: Net, blocks: readonly Features[]): Value {
  const each = blocks.map(({ value }) => op.ReduceMean(value, op.int64([2, 3]), { keepdims: 0 }));
  return op.add("Concat", each, { axis: 1 }, 1)[0];
}

/**
 * The attention pool of CLIP (Radford et al. 2021): the mean of all positions is one more position, and only what that
 * one attends to is read, so only its query is needed.
 */
function attentionPool(net: Net, x: Features, { outChannels }: AdmStructure, heads: number): Value {
  const { op } = net;
  const { channels, height, width } = x;
  const flat = op.Reshape(x.value, op.int64([-1, channels, height * width]));
  const mean = op.ReduceMean(flat, op.int64([2]), { keepdims: 1 });
  const tokens = op.Add(op.Concat(mean, flat, { axis: 2 }), weight(net, "out.2.positional_embedding")); // N×C×(T+1)
  const qkv = pointwise(net, "out.2.qkv_proj", tokens, "float32");
  const [q, k, v] = splitHeads(net, qkv, channels, heads, true);
  const query = op.Slice(q, op.int64([0]), op.int64([1]), op.int64([3]));
  const attended = op.Reshape(attention(net, query, k, v, channels / heads, "float32"), op.int64([-1, channels]));
  const w = weight(net, "out.2.c_proj.weight", [outChannels, channels]);
  return op.Gemm(attended, w, weight(net, "out.2.c_proj.bias"), { transB: 1 });
}
