/** Pictures as PNG files: 8-bit RGB out; any PNG in, brought to 8-bit RGB. */
import { convertIndexedToRgb, decode, encode } from "fast-png";
import type { Pictures } from "../../diffusion/index.ts";
import { concat, unzlib } from "./inflate.ts";
import { type Chunk, readChunks, writeChunks } from "./png-chunks.ts";

/** 4096 × 4096: what a 50 KB file may claim must not be allocated unseen. */
const maxPixels = 2 ** 24;

/** One picture of a batch, H×W×C with C = 1 (grey), 3 or 4. */
export function encodePng({ dims: [, height, width, channels], data }: Pictures, index = 0): Uint8Array {
  const size = height * width * channels;
  return encode({ width, height, channels, depth: 8, data: data.subarray(index * size, (index + 1) * size) });
}

/** 1×H×W×3; grey is repeated, transparency dropped. Throws a SyntaxError when the file is damaged or beyond a limit. */
export function decodePng(bytes: Uint8Array): Pictures {
  const chunks = readChunks(bytes);
  checkPixels(chunks);
  // The decoder inflates colour profiles and the like without a limit; only what makes the pixels is shown to it.
  const needed = chunks.filter(({ type }) => /^(IHDR|PLTE|tRNS|IDAT|IEND)$/.test(type));
  let image: ReturnType<typeof decode>;
  try {
    image = decode(writeChunks(needed));
  } catch (error) {
    throw new SyntaxError(`its pixels cannot be read: ${error instanceof Error ? error.message : error}`);
  }
  const { width, height, depth, channels } = image;
  const dims = [1, height, width, 3];
  // Below eight bits samples are packed, in grey as in a palette: grey is a palette of its own.
  const palette = image.palette ?? (depth < 8 ? greys(depth) : undefined);
  if (!palette) return { dims, data: toRgb(image.data, channels, depth, width * height) };
  const rgb = convertIndexedToRgb({ ...image, palette });
  return { dims, data: toRgb(rgb, palette[0].length, 8, width * height) };
}

const greys = (depth: number): number[][] =>
  Array.from({ length: 2 ** depth }, (_, level) => Array(3).fill((level * 255) / (2 ** depth - 1)));

/** Refuses a picture whose header claims, or whose data inflates to, more than `maxPixels` allow. */
function checkPixels(chunks: readonly Chunk[]): void {
  const [header] = chunks;
  if (header.type !== "IHDR" || header.data.length !== 13) throw new SyntaxError("it does not begin with its header");
  const view = new DataView(header.data.buffer, header.data.byteOffset);
  const [width, height, depth] = [view.getUint32(0), view.getUint32(4), view.getUint8(8)];
  if (width === 0 || height === 0 || width * height > maxPixels)
    throw new SyntaxError(`it is ${width}×${height}; at most ${maxPixels} pixels are read`);
  const data = concat(chunks.filter(({ type }) => type === "IDAT").map((chunk) => chunk.data));
  // Four samples a pixel at most, a filter byte a row, and seven passes when interlaced.
  const maxBytes = Math.ceil((width * height * 4 * depth) / 8) + 16 * (height + 8);
  try {
    unzlib(data, maxBytes);
  } catch (error) {
    throw new SyntaxError(`its pixels cannot be read: ${error instanceof Error ? error.message : error}`);
  }
}

/** Samples of 8 or 16 bits in 1 to 4 channels, as three bytes a pixel. */
function toRgb(data: ArrayLike<number>, channels: number, depth: number, pixels: number): Uint8Array {
  const rgb = new Uint8Array(pixels * 3);
  const shift = depth === 16 ? 8 : 0;
  const grey = channels < 3;
  for (let pixel = 0; pixel < pixels; pixel++)
    for (let c = 0; c < 3; c++) rgb[pixel * 3 + c] = data[pixel * channels + (grey ? 0 : c)] >> shift;
  return rgb;
}
