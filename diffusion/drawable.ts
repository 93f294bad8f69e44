/** What of pictures can be drawn, by their channels, decided once: for files, for screens, and for what is said beforehand. */
import type { Pictures } from "./tensor.ts";

/** One channel is grey, three are red, green and blue, a fourth is opacity. Of other numbers nobody can say what they show. */
export const isDrawable = (channels: number): boolean => channels === 1 || channels === 3 || channels === 4;

/** As a screen shows them: opacity is passed over, and what cannot be drawn is seen as the mean of its channels, in grey. */
export function asSeen(pictures: Pictures): Pictures {
  const [n, h, w, c] = pictures.dims;
  if (c === 1 || c === 3) return pictures;
  const channels = isDrawable(c) ? 3 : 1;
  const data = new Uint8Array(n * h * w * channels);
  for (let p = 0; p < n * h * w; p++) {
    const pixel = pictures.data.subarray(p * c, (p + 1) * c);
    if (channels === 3) data.set(pixel.subarray(0, 3), 3 * p);
    else data[p] = Math.round(pixel.reduce((sum, byte) => sum + byte, 0) / c);
  }
  return { dims: [n, h, w, channels], data };
}
