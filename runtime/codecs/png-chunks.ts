/**
 * The chunks of a PNG file (W3C PNG, section 5), walked with limits, since pictures are shared and may be hostile: a
 * few kilobytes of text may inflate to gigabytes, and a header may claim any size.
 */
import { crc32 } from "../../onnx/zip/index.ts";
import { concat } from "./inflate.ts";
import { isPng } from "./kinds.ts";

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
/** libvips and libpng stop at similar numbers; a picture that carries a graph has one text chunk. */
const maxTextChunks = 50;
/** 4096 × 4096 pixels that cannot be compressed, four samples each. */
export const maxPictureBytes = 2 ** 26;

export interface Chunk {
  readonly type: string;
  readonly data: Uint8Array;
}

/** All chunks up to IEND; what follows it is ignored. Throws a SyntaxError when the file is damaged or beyond a limit. */
export function readChunks(bytes: Uint8Array): Chunk[] {
  if (!isPng(bytes)) throw new SyntaxError("it is no PNG file");
  if (bytes.length > maxPictureBytes)
    throw new SyntaxError(`it has ${bytes.length} bytes, the limit is ${maxPictureBytes}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: Chunk[] = [];
  let texts = 0;
  for (let at = signature.length; ; ) {
    if (at + 12 > bytes.length) throw new SyntaxError("it is cut off: its IEND chunk is missing");
    const length = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (at + 12 + length > bytes.length) throw new SyntaxError(`it is cut off in its ${printable(type)} chunk`);
    if (crc32(bytes.subarray(at + 4, at + 8 + length)) !== view.getUint32(at + 8 + length))
      throw new SyntaxError(`its ${printable(type)} chunk is damaged (CRC differs)`);
    if (/^(tEXt|zTXt|iTXt)$/.test(type) && ++texts > maxTextChunks)
      throw new SyntaxError(`it has more than ${maxTextChunks} text chunks`);
    chunks.push({ type, data: bytes.subarray(at + 8, at + 8 + length) });
    at += 12 + length;
    if (type === "IEND") return chunks;
  }
}

export const writeChunks = (chunks: readonly Chunk[]): Uint8Array => concat([signature, ...chunks.map(chunkBytes)]);

/** Behind the signature and IHDR, which every picture begins with. */
export const headerEnd = 8 + 12 + 13;

export function chunkBytes({ type, data }: Chunk): Uint8Array {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

const printable = (type: string): string => type.replace(/[^ -~]/g, "?");
