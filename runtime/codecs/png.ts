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
  // The decoder is shown only what makes the pixels, and that only in the order in which it was checked: it inflates colour
  // profiles and the like without a limit, and of two headers it believes the second.
  const needed = readChunks(bytes).filter(({ type }) => pixelChunks.includes(type));
  const order = needed.map(({ type }) => type).join(" ");
  if (!/^IHDR( PLTE)?( tRNS)?( IDAT)+ IEND$/.test(order)) throw new SyntaxError(`its parts are ${brief(order)}`);
  const { isIndexed } = checkHeader(needed);
  try {
    // A palette beside other colours is only a suggestion, which the decoder would take for theirs.
    return pixelsOf(decode(writeChunks(needed.filter(({ type }) => isIndexed || !/^(PLTE|tRNS)$/.test(type)))));
  } catch (error) {
    throw new SyntaxError(`its pixels cannot be read: ${error instanceof Error ? error.message : error}`);
  }
}

function pixelsOf(image: ReturnType<typeof decode>): Pictures {
  const { width, height, depth, channels } = image;
  const dims = [1, height, width, 3];
  // Below eight bits samples are packed, in grey as in a palette: grey is a palette of its own.
  const palette = image.palette ?? (depth < 8 ? greys(depth) : undefined);
  if (!palette) return { dims, data: toRgb(image.data, channels, depth, width * height) };
  const rgb = convertIndexedToRgb({ ...image, palette });
  return { dims, data: toRgb(rgb, palette[0].length, 8, width * height) };
}

const pixelChunks = ["IHDR", "PLTE", "tRNS", "IDAT", "IEND"];

/** "IHDR IHDR IDAT IEND", and of thousands of parts the first. */
const brief = (order: string): string =>
  `${order.length > 60 ? `${order.slice(0, 60)}…` : order}; expected one header, then the pixels`;

const greys = (depth: number): number[][] =>
  Array.from({ length: 2 ** depth }, (_, level) => Array(3).fill((level * 255) / (2 ** depth - 1)));

/** Bits of a sample by colour type: grey, RGB, palette, grey and alpha, RGB and alpha (W3C PNG, table 11.1). */
const depths: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

/** Refuses a picture whose header claims what is none, or that is, or inflates to, more than `maxPixels` allow. */
function checkHeader(chunks: readonly Chunk[]): { readonly isIndexed: boolean } {
  const [header] = chunks;
  if (header.data.length !== 13) throw new SyntaxError(`its header has ${header.data.length} bytes, not 13`);
  const view = new DataView(header.data.buffer, header.data.byteOffset);
  const [width, height, depth, colour] = [view.getUint32(0), view.getUint32(4), view.getUint8(8), view.getUint8(9)];
  if (!depths[colour]?.includes(depth)) throw new SyntaxError(`colour type ${colour} with ${depth} bits is no picture`);
  const isIndexed = colour === 3;
  if (isIndexed && !chunks.some(({ type }) => type === "PLTE")) throw new SyntaxError("its palette is missing");
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
  return { isIndexed };
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
