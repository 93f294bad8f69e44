/** A file on its way in: written beside its place, then put there, never over another. */
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { link, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Refusal } from "../refusal.ts";
import { hashFile } from "./hashes.ts";

export interface ReceiveOptions {
  readonly folder: string;
  readonly name: string;
  readonly maxBytes: number;
  /** How long it says it is; 0 where it does not. */
  readonly declared: number;
}

export type Received =
  | { readonly is: "new"; remove(): Promise<void> }
  /** The same bytes were there already under this name. */
  | { readonly is: "same" }
  /** Something else is there under this name, and stays. */
  | { readonly is: "other" };

export const tooLarge = (): Refusal => new Refusal("too large", "The body is larger than this server takes");

let count = 0;

/** Throws a Refusal for more than `maxBytes`. */
export async function receive(
  stream: Readable,
  { folder, name, maxBytes, declared }: ReceiveOptions,
): Promise<Received> {
  if (declared > maxBytes) throw tooLarge();
  const path = join(folder, name);
  const temporary = join(folder, `.upload.${process.pid}.${count++}.tmp`);
  const hash = createHash("sha256");
  let bytes = 0;
  const counted = async function* () {
    // The stream is left open when too much comes: a client that still sends could not read the reply.
    for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw tooLarge();
      hash.update(chunk);
      yield chunk;
    }
  };
  try {
    await pipeline(counted, createWriteStream(temporary, { flags: "wx", flush: true }));
    // A link, unlike a rename, does not replace what is there.
    const isNew = await link(temporary, path).then(
      () => true,
      (error) => {
        if (error.code === "EEXIST") return false;
        throw error;
      },
    );
    if (isNew) return { is: "new", remove: () => rm(path, { force: true }) };
    return { is: (await hashFile(path)) === hash.digest("hex") ? "same" : "other" };
  } finally {
    await rm(temporary, { force: true });
  }
}
