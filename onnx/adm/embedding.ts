/** The timestep embedding and what the network makes of it. */
import type { GraphBuilder, Value } from "../rewrite/builder.ts";
import { linear, type Net, silu } from "./layers.ts";

const maxPeriod = 10_000;

/**
 * Cosines, then sines of t at `width`/2 frequencies from 1 down to 1/10000, N×width: `timestep_embedding` of
 * guided_diffusion/nn.py, after Vaswani et al. 2017. The frequencies are rounded where PyTorch rounds them to float32:
 * at t = 1000 one unit in the last place of a frequency moves a cosine by 6e-5.
 */
function timestepEmbedding(op: GraphBuilder, t: Value, width: number): Value {
  const half = Math.floor(width / 2);
  const frequencies = Array.from({ length: half }, (_, i) =>
    Math.exp(Math.fround(Math.fround(Math.fround(-Math.log(maxPeriod)) * i) / half)),
  );
  const column = op.Reshape(t, op.int64([-1, 1]));
  const angles = op.Mul(column, op.float(frequencies, [1, half]));
  const waves = op.Concat(op.Cos(angles), op.Sin(angles), { axis: 1 });
  return width % 2 === 0 ? waves : op.Concat(waves, op.Mul(column, 0), { axis: 1 });
}

/** SiLU of the embedding of t, with that of the label added: every block takes it through a linear layer of its own. N×4·width. */
export function embedding(net: Net, t: Value, width: number, label: Value | undefined): Value {
  const hidden = silu(net, linear(net, "time_embed.0", timestepEmbedding(net.op, t, width)));
  const time = linear(net, "time_embed.2", hidden);
  return silu(net, label === undefined ? time : net.op.Add(time, label));
}
