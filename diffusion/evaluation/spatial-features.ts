import type { Tensor } from "../tensor.ts";

/** Of the 768 channels of Inception's `mixed_6/conv` the reference evaluator takes the first so many, by 17×17 places. */
const spatialChannels = 7;

/**
 * Rows for sFID (Nash et al., arXiv:2103.03841, section 5: the Fréchet distance of an intermediate feature map, which tells where
 * things are): of each picture the first `channels` channels at every place. `channelAxis`: 1 of N×C×H×W, 3 of N×H×W×C. The
 * distance does not depend on the order of the numbers in a row. Throws a RangeError for what is no feature map.
 */
export function spatialRows(
  { dims, data }: Tensor,
  channelAxis: 1 | 3,
  channels: number = spatialChannels,
): { readonly rows: Float32Array; readonly size: number } {
  if (dims.length !== 4)
    throw new RangeError(`Cannot take spatial features of ${dims.join("×")}: a feature map has four axes`);
  const [count] = dims;
  const all = dims[channelAxis];
  const taken = Math.min(all, channels);
  const places = data.length / (count * all);
  const size = places * taken;
  const rows = new Float32Array(count * size);
  const [ofChannel, ofPlace] = channelAxis === 1 ? [places, 1] : [1, all];
  for (let n = 0, at = 0; n < count; n++)
    for (let channel = 0; channel < taken; channel++)
      for (let place = 0; place < places; place++)
        rows[at++] = data[n * all * places + channel * ofChannel + place * ofPlace];
  return { rows, size };
}
