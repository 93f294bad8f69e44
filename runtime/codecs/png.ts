/** Pictures as PNG files: 8 bits a sample out; of what comes in, the parts that make the pixels. */
import { encode } from "fast-png";
import type { Pictures } from "../../diffusion/index.ts";
import { readChunks, writeChunks } from "./png-chunks.ts";

/** One picture of a batch, H×W×C with C = 1 (grey), 3 or 4. */
export function encodePng({ dims: [, height, width, channels], data }: Pictures, index = 0): Uint8Array {
  const size = height * width * channels;
  return encode({ width, height, channels, depth: 8, data: data.subarray(index * size, (index + 1) * size) });
}

const pixelChunks = ["IHDR", "PLTE", "tRNS", "IDAT", "IEND"];

/**
 * The same picture without colour profiles, texts and the like, which decoders inflate, and with one header, since of two
 * decoders believe either. Throws a SyntaxError when the file is damaged, or its parts do not come in their order.
 */
export function pixelsOnly(png: Uint8Array): Uint8Array {
  const needed = readChunks(png).filter(({ type }) => pixelChunks.includes(type));
  const order = needed.map(({ type }) => type).join(" ");
  if (!/^IHDR( PLTE)?( tRNS)?( IDAT)+ IEND$/.test(order)) throw new SyntaxError(`its parts are ${brief(order)}`);
  return writeChunks(needed);
}

/** "IHDR IHDR IDAT IEND", and of thousands of parts the first. */
const brief = (order: string): string =>
  `${order.length > 60 ? `${order.slice(0, 60)}…` : order}; expected one header, then the pixels`;
