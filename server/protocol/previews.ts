/** A preview on the socket: one binary message, a header before its pictures. */
import * as z from "zod";
import { runId } from "./shared.ts";

/** The header of a binary message; after it come the pictures' bytes, N×H×W×C, as on a wire of kind image. */
const previewHeader = z.object({
  type: z.literal("preview"),
  run: runId,
  path: z.string(),
  /** Of a watched wire: the output of the node at `path`. */
  output: z.string().optional(),
  /** The step of the loop, from 0, and how many there are. */
  index: z.int().min(0).optional(),
  count: z.int().min(1).optional(),
  /** Of a run of several batches: which, from 0, and how many there are. */
  batch: z.int().min(0).optional(),
  batches: z.int().min(2).optional(),
  dims: z.tuple([z.int().min(0), z.int().min(0), z.int().min(0), z.int().min(0)]),
});
export type PreviewHeader = z.infer<typeof previewHeader>;

/** Bytes of the header's length, a little-endian uint32. */
const prefix = 4;

/** length of the header (uint32, little-endian) | header (JSON, UTF-8) | pictures (uint8) */
export function encodePreview(header: PreviewHeader, pictures: Uint8Array): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(prefix + text.length + pictures.length);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, prefix);
  bytes.set(pictures, prefix + text.length);
  return bytes;
}

/** Throws a SyntaxError or a ZodError for what is no preview. */
export function decodePreview(bytes: Uint8Array): PreviewHeader & { readonly pictures: Uint8Array } {
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);
  const header = previewHeader.parse(JSON.parse(new TextDecoder().decode(bytes.subarray(prefix, prefix + length))));
  const pictures = bytes.subarray(prefix + length);
  const size = header.dims.reduce((product, dim) => product * dim, 1);
  if (pictures.length !== size)
    throw new SyntaxError(`A preview of ${header.dims.join("×")} has ${pictures.length} bytes, not ${size}`);
  return { ...header, pictures };
}
