/** Pictures cut, resized and laid out; all N×H×W×C bytes. */
import { type Pictures, sizeOf } from "./tensor.ts";

/** Samples `first`, `first` + 1, … of a batch that is read round and round. */
export function takeRound(pictures: Pictures, first: number, count: number): Pictures {
  const [n, ...picture] = pictures.dims;
  const size = sizeOf(picture);
  const data = new Uint8Array(count * size);
  for (let i = 0; i < count; i++) {
    const from = ((first + i) % n) * size;
    data.set(pictures.data.subarray(from, from + size), i * size);
  }
  return { dims: [count, ...picture], data };
}

/**
 * With so many channels: grey is repeated, of colours the luma is taken (ITU-R BT.601, as PIL's convert("L") does), a fourth
 * channel, transparency, is dropped. Throws a RangeError for what is neither grey nor coloured.
 */
export function withChannels(pictures: Pictures, channels: number): Pictures {
  const [n, h, w, c] = pictures.dims;
  if (c === channels) return pictures;
  if ((channels !== 1 && channels !== 3) || c > 4 || c === 2)
    throw new RangeError(`Cannot make ${channels} channels of pictures with ${c}`);
  const pixels = n * h * w;
  const data = new Uint8Array(pixels * channels);
  for (let p = 0; p < pixels; p++) {
    const [r, g, b] = c === 1 ? [0, 0, 0].fill(pictures.data[p]) : pictures.data.subarray(p * c, p * c + 3);
    if (channels === 1) data[p] = (r * 19_595 + g * 38_470 + b * 7_471 + 0x8000) >> 16;
    else data.set([r, g, b], p * 3);
  }
  return { dims: [n, h, w, channels], data };
}

/**
 * The largest part in the middle that has the proportions of `height` and `width`, resized to them: averaged when it shrinks, linear
 * when it grows. Nothing is squashed by more than a pixel's rounding.
 */
export function centreCut(pictures: Pictures, height: number, width: number): Pictures {
  const [n, h, w, c] = pictures.dims;
  const scale = Math.min(h / height, w / width);
  const [high, wide] = [Math.max(1, Math.round(scale * height)), Math.max(1, Math.round(scale * width))];
  const rows = taps(high, height, Math.floor((h - high) / 2));
  const columns = taps(wide, width, Math.floor((w - wide) / 2));
  const data = new Uint8Array(n * height * width * c);
  const line = new Float64Array(w * c);
  for (let i = 0; i < n; i++)
    for (let y = 0; y < height; y++) {
      line.fill(0);
      for (const { at, weight } of rows[y]) {
        const from = (i * h + at) * w * c;
        for (let k = 0; k < line.length; k++) line[k] += weight * pictures.data[from + k];
      }
      for (let x = 0; x < width; x++)
        for (let channel = 0; channel < c; channel++) {
          let sum = 0;
          for (const { at, weight } of columns[x]) sum += weight * line[at * c + channel];
          data[((i * height + y) * width + x) * c + channel] = Math.round(sum);
        }
    }
  return { dims: [n, height, width, c], data };
}

/** For each of `to` pixels: which of `from` pixels make it, and how much. A triangle filter, half-pixel centres. */
function taps(from: number, to: number, offset: number): { readonly at: number; readonly weight: number }[][] {
  const scale = from / to;
  const reach = Math.max(1, scale);
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * scale - 0.5;
    const first = Math.max(0, Math.ceil(centre - reach));
    const last = Math.min(from - 1, Math.floor(centre + reach));
    const found = Array.from({ length: last - first + 1 }, (_, k) => ({
      at: offset + first + k,
      weight: 1 - Math.abs(first + k - centre) / reach,
    }));
    const total = found.reduce((sum, { weight }) => sum + weight, 0);
    return found.map(({ at, weight }) => ({ at, weight: weight / total }));
  });
}

/** How many pictures lie in a row and the sides of all together; `columns` 0 makes as many rows as columns, about. */
export function gridSides([n, h, w]: readonly number[], columns: number, gap: number) {
  const across = Math.min(n, columns || Math.ceil(Math.sqrt(n)));
  const down = Math.ceil(n / across);
  return { across, height: down * h + (down - 1) * gap, width: across * w + (across - 1) * gap };
}

/** One picture with all of them in rows on white. */
export function grid(pictures: Pictures, columns = 0, gap = 2): Pictures {
  const [n, h, w, c] = pictures.dims;
  const { across, height, width } = gridSides(pictures.dims, columns, gap);
  const data = new Uint8Array(height * width * c).fill(255);
  for (let i = 0; i < n; i++) {
    const top = Math.floor(i / across) * (h + gap);
    const left = (i % across) * (w + gap);
    for (let y = 0; y < h; y++) {
      const from = (i * h + y) * w * c;
      data.set(pictures.data.subarray(from, from + w * c), ((top + y) * width + left) * c);
    }
  }
  return { dims: [1, height, width, c], data };
}

/** White inside the box, black outside, 1×H×W×1. The edges are parts of the sides, 0 … 1, rounded to pixels. */
export function boxMask(
  height: number,
  width: number,
  { left, top, right, bottom }: { left: number; top: number; right: number; bottom: number },
): Pictures {
  const data = new Uint8Array(height * width);
  const [from, to] = [Math.round(left * width), Math.round(right * width)];
  for (let y = Math.round(top * height); y < Math.round(bottom * height); y++)
    data.fill(255, y * width + from, y * width + Math.max(from, to));
  return { dims: [1, height, width, 1], data };
}
