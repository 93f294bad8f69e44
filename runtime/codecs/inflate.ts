/**
 * Inflating what came from elsewhere: the output is counted while it grows, since a header may lie about its size and
 * a few kilobytes may stand for gigabytes.
 */
import { Inflate, Unzlib } from "fflate";

/** Deflate expands at most 1032-fold, so one slice never brings more than 17 MB before the count is checked. */
const sliceBytes = 16_384;

/** Raw deflate, as in ZIP. Throws a RangeError when more than `maxBytes` come out, a SyntaxError when it is damaged. */
export const inflate = (bytes: Uint8Array, maxBytes: number): Uint8Array => drain(new Inflate(), bytes, maxBytes);

/** The same with zlib's two-byte header, as in PNG. */
export const unzlib = (bytes: Uint8Array, maxBytes: number): Uint8Array => drain(new Unzlib(), bytes, maxBytes);

function drain(stream: Inflate | Unzlib, bytes: Uint8Array, maxBytes: number): Uint8Array {
  const chunks: Uint8Array[] = [];
  let length = 0;
  stream.ondata = (chunk) => {
    length += chunk.length;
    if (length > maxBytes) throw new RangeError();
    chunks.push(chunk);
  };
  try {
    for (let start = 0; start < bytes.length; start += sliceBytes) {
      const end = Math.min(start + sliceBytes, bytes.length);
      stream.push(bytes.subarray(start, end), end === bytes.length);
    }
  } catch (error) {
    if (length > maxBytes) throw new RangeError(`its compressed data inflates to more than ${maxBytes} bytes`);
    throw new SyntaxError(`its compressed data is damaged (${error instanceof Error ? error.message : error})`);
  }
  return concat(chunks, length);
}

/** Raw deflate whose whole is never held: what comes out of each slice is given away before the next goes in. */
export async function* inflatePieces(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let out: Uint8Array[] = [];
  const stream = new Inflate((chunk) => void out.push(chunk));
  try {
    for await (const piece of pieces)
      for (let start = 0; start < piece.length; start += sliceBytes) {
        stream.push(piece.subarray(start, start + sliceBytes));
        yield* out;
        out = [];
      }
    stream.push(new Uint8Array(), true);
  } catch (error) {
    throw new SyntaxError(`its compressed data is damaged (${error instanceof Error ? error.message : error})`);
  }
  yield* out;
}

export function concat(chunks: readonly Uint8Array[], length = chunks.reduce((sum, c) => sum + c.length, 0)) {
  if (chunks.length === 1) return chunks[0];
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}
