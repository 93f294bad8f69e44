import { readFile } from "node:fs/promises";

/** A whole file as plain bytes: a Buffer's `slice` shares memory where a Uint8Array's copies, which surprises others. */
export async function readBytes(path: string): Promise<Uint8Array> {
  const { buffer, byteOffset, byteLength } = await readFile(path);
  return new Uint8Array(buffer, byteOffset, byteLength);
}
