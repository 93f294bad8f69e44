/** The ADM networks as ONNX graphs, built in the order in which guided_diffusion/unet.py runs them. */
import type { StateDict } from "../checkpoint/index.ts";
import type { OnnxModel } from "../ir.ts";
import { graphBuilder, type Value } from "../rewrite/builder.ts";
import { attentionBlock, downsample, float, resBlock, upsample } from "./blocks.ts";
import { embedding } from "./embedding.ts";
import type { AdmFacts } from "./facts.ts";
import { headsOf } from "./heads.ts";
import { conv, type Features, groupNorm, type Net, silu, toTorso, weight } from "./layers.ts";
import { pooled } from "./pools.ts";
import type { AdmNetwork } from "./recognise.ts";
import { type Layer, layout } from "./structure.ts";
import { upsampleConv } from "./upsample-conv.ts";

export interface BuildOptions {
  /** The torso's convolutions and products in float16, as `use_fp16` (default false). In- and outputs stay float32. */
  readonly fp16?: boolean;
  /** Of x; default as it was trained. Other sides are multiples of what its facts say. */
  readonly height?: number;
  readonly width?: number;
}

/**
 * The network as a graph with dynamic batch N. Inputs: `x` float32 N×C×H×W, `t` float32 N, `y` int64 N where it is
 * class-conditional, `low_res` float32 N×C×h×w where it super-resolves, `condition` float32 N×K×H×W where it takes one
 * beside x. Output: `out` N×C'×H×W, or `logits` N×classes.
 * Weights keep the names of the state dict and stay in their file.
 */
export function buildAdm(state: StateDict, network: AdmNetwork, options: BuildOptions = {}): OnnxModel {
  const { structure, facts } = network;
  const { fp16 = false, height = facts.height, width = facts.width } = options;
  const op = graphBuilder();
  const net: Net = { op, state, torso: fp16 ? "float16" : "float32" };
  const { input, middle, output } = layout(structure);

  const x = op.input("x", "float32", ["N", facts.channels, height, width]);
  const t = op.input("t", "float32", ["N"]);
  const label =
    structure.classes === undefined
      ? undefined
      : op.Gather(weight(net, "label_emb.weight"), op.input("y", "int64", ["N"]), { axis: 0 });
  const emb = op.within("time_embed", () => embedding(net, t, structure.width, label)); // N×4·width
  const seen =
    structure.architecture === "SuperResModel"
      ? besideLowRes(net, facts, x, [height, width])
      : besideCondition(net, network, x, [height, width]);

  let h: Features = { value: toTorso(net, seen), channels: structure.inChannels, height, width };
  const kept: Features[] = [];
  for (const layers of input) {
    h = run(net, network, layers, h, emb);
    kept.push(h);
  }
  h = run(net, network, middle, h, emb);

  const name = network.architecture;
  const metadata = { architecture: name, flags: JSON.stringify(network.flags) };
  if (structure.architecture === "EncoderUNetModel") {
    const logits = op.within("out", () =>
      pooled(
        net,
        structure,
        network.heads,
        float(net, h),
        [...kept, h].map((block) => float(net, block)),
      ),
    );
    op.output("logits", logits, "float32", ["N", structure.outChannels]);
    return op.model(name, 18, metadata);
  }
  for (const layers of output) {
    const skip = kept.pop()!;
    const joined = op.Concat(h.value, skip.value, { axis: 1 });
    h = run(net, network, layers, { ...h, value: joined, channels: h.channels + skip.channels }, emb);
  }
  const out = op.within("out", () =>
    conv(net, "out.2", silu(net, groupNorm(net, "out.0", float(net, h))), { type: "float32" }),
  );
  op.output("out", out, "float32", ["N", structure.outChannels, height, width]);
  return op.model(name, 18, metadata);
}

/** A block: its layers one after the other. */
const run = (net: Net, network: AdmNetwork, layers: readonly Layer[], x: Features, emb: Value): Features =>
  layers.reduce((h, layer) => net.op.within(layer.name, () => runLayer(net, network, layer, h, emb)), x);

function runLayer(net: Net, { structure, heads }: AdmNetwork, layer: Layer, x: Features, emb: Value): Features {
  const { name } = layer;
  switch (layer.is) {
    case "stem":
      return { ...x, value: conv(net, name, x.value), channels: layer.to };
    case "res":
      return resBlock(net, layer, x, emb, structure.scaleShift);
    case "attention":
      return attentionBlock(net, layer, x, headsOf(heads, layer), heads.newOrder);
    case "down":
      return structure.resample === "plain"
        ? downsample(net, x)
        : {
            ...x,
            value: conv(net, `${name}.op`, x.value, { stride: 2 }),
            height: Math.ceil(x.height / 2),
            width: Math.ceil(x.width / 2),
          };
    case "up":
      return structure.resample === "plain" ? upsample(net, x) : upsampleConv(net, `${name}.conv`, x);
  }
}

type Sides = readonly [height: number, width: number];

/** x and the condition, where there is one, in the order in which the network was trained. N×(C + K). */
function besideCondition({ op }: Net, { facts: { condition }, flags }: AdmNetwork, x: Value, sides: Sides): Value {
  if (condition === undefined) return x;
  const beside = op.input("condition", "float32", ["N", condition, ...sides]);
  return flags.condition_first ? op.Concat(beside, x, { axis: 1 }) : op.Concat(x, beside, { axis: 1 });
}

/** x with low_res, enlarged to its size, behind it: bilinear, pixel centres at halves, as F.interpolate does. N×2C×H×W. */
function besideLowRes({ op }: Net, { channels, height, lowRes = height }: AdmFacts, x: Value, sides: Sides): Value {
  const scale = height / lowRes;
  const lowResolution = op.input("low_res", "float32", [
    "N",
    channels,
    ...sides.map((side) => (side * lowRes) / height),
  ]);
  const bilinear = { mode: "linear", coordinate_transformation_mode: "half_pixel" };
  return op.Concat(x, op.Resize(lowResolution, null, op.float([1, 1, scale, scale]), bilinear), { axis: 1 });
}
