/** Between pictures (N×H×W×C, 0 … 255) and tensors (N×C×H×W, −1 … 1). */
import { type Pictures, planes, sizeOf, type Tensor } from "./tensor.ts";

/**
 * `((x + 1) * 127.5).clamp(0, 255).to(uint8)`, as the reference's scripts decode: truncating, not rounding. Throws a
 * RangeError when a value is NaN or infinite, or x is no N×C×H×W: that is no picture.
 */
export function decode(x: Tensor): Pictures {
  const [n, c, h, w] = planes(x.dims);
  const data = new Uint8Array(x.data.length);
  const area = h * w;
  let bad = 0;
  for (let i = 0; i < n; i++)
    for (let channel = 0; channel < c; channel++) {
      const plane = (i * c + channel) * area;
      const pixels = i * c * area + channel;
      for (let p = 0; p < area; p++) {
        const value = x.data[plane + p];
        if (value - value !== 0) bad++; // NaN or infinite
        // Both roundings are float32's, as in the reference: a value just below a whole number must land where it does.
        const scaled = Math.fround(Math.fround(value + 1) * 127.5);
        data[pixels + p * c] = Math.max(0, Math.min(255, scaled));
      }
    }
  if (bad > 0) throw new RangeError(`Cannot decode x: ${bad} of its ${sizeOf(x.dims)} values are NaN or infinite`);
  return { dims: [n, h, w, c], data };
}

/** byte / 127.5 − 1, N×H×W×C to N×C×H×W. */
export function encode({ dims, data }: Pictures): Tensor {
  const [n, h, w, c] = dims;
  const area = h * w;
  const out = new Float32Array(data.length);
  for (let i = 0; i < n; i++)
    for (let channel = 0; channel < c; channel++) {
      const plane = (i * c + channel) * area;
      const pixels = i * c * area + channel;
      for (let p = 0; p < area; p++) out[plane + p] = Math.fround(data[pixels + p * c] / 127.5) - 1;
    }
  return { dims: [n, c, h, w], data: out };
}

/** byte / 255, N×H×W×C to N×`channels`×H×W: a mask's own channels, or their mean for each. */
export function encodeMask({ dims, data }: Pictures, channels: number): Tensor {
  const [n, h, w, c] = dims;
  const area = h * w;
  const out = new Float32Array(n * channels * area);
  for (let i = 0; i < n; i++)
    for (let p = 0; p < area; p++) {
      const pixel = data.subarray((i * area + p) * c, (i * area + p + 1) * c);
      const mean = pixel.reduce((sum, byte) => sum + byte, 0) / c;
      for (let channel = 0; channel < channels; channel++)
        out[(i * channels + channel) * area + p] = (c === channels ? pixel[channel] : mean) / 255;
    }
  return { dims: [n, channels, h, w], data: out };
}
