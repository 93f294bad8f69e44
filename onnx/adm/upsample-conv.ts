/** Nearest upsampling and the 3×3 convolution after it as one operator. */
import { type Features, type Net, weight } from "./layers.ts";

/**
 * conv(upsample(x)), N×C×2H×2W. After a nearest ×2 upsample the nine taps of a pixel meet only four different inputs, so
 * taps that meet the same one are summed beforehand: a transposed convolution of stride 2 with a 4×4 kernel and 4/9 of the
 * multiplications, half the time on the CPU provider.
 */
export function upsampleConv(net: Net, name: string, { value, height, width }: Features): Features {
  const { op, state, torso } = net;
  const [to, from] = state.get(`${name}.weight`)!.dims;
  const kernel = weight(net, `${name}.weight`, [from, to, 4, 4], torso, (kernels) => summedTaps(kernels, to, from));
  const y = op.ConvTranspose(value, kernel, weight(net, `${name}.bias`, [to], torso), {
    kernel_shape: [4, 4],
    pads: [1, 1, 1, 1],
    strides: [2, 2],
  });
  return { value: y, channels: to, height: 2 * height, width: 2 * width };
}

/** Which of the three taps of a row fall on an input pixel, for each of the four output pixels that it reaches. */
const taps = [[2], [1, 2], [0, 1], [0]];

/** Kernels to×from×3×3 → from×to×4×4, sums in double precision, rounded once. */
export function summedTaps(kernels: Float32Array, to: number, from: number): Float32Array {
  const summed = new Float32Array(from * to * 16);
  for (let o = 0; o < to; o++)
    for (let i = 0; i < from; i++)
      for (const [row, rows] of taps.entries())
        for (const [column, columns] of taps.entries()) {
          let sum = 0;
          for (const r of rows) for (const c of columns) sum += kernels[((o * from + i) * 3 + r) * 3 + c];
          summed[((i * to + o) * 4 + row) * 4 + column] = sum;
        }
  return summed;
}
