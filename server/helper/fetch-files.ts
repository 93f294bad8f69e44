/** The files of an order, on this machine: those that it has are found by their content, the others come from the server, in parts. */
import { createWriteStream } from "node:fs";
import { rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { type Hashes, hashFile } from "../files/hashes.ts";
import { InCommon } from "../files/in-common.ts";
import { makeFolder } from "../files/make-folder.ts";
import { isPlainId, resolveInside } from "../files/resolve-inside.ts";
import type { Exchange } from "../shards/exchange.ts";
import { hashOf, type Order, type OrderedFile } from "../shards/shard.ts";

export interface FetchOptions {
  readonly exchange: Exchange;
  readonly hashes: Hashes;
  /** Where to look, the preferred first; what comes goes into the last of each. */
  readonly folders: Readonly<Record<OrderedFile["of"], readonly string[]>>;
  /** For what came in part. */
  readonly parts: string;
  readonly say: (line: string) => void;
}

/** A connection may break so often in a row without a byte more. */
const maxBroken = 5;

/** What it returns resolves when all files of an order are there, and rejects with what is missing. */
export function fileFetcher(options: FetchOptions): (order: Order, signal: AbortSignal) => Promise<void> {
  const coming = new InCommon<void>();
  return async ({ files }, signal) => {
    for (const file of files)
      await coming.wait(`${file.of}/${file.id}/${file.sha256}`, (end) => see(file, options, end), signal);
  };
}

async function see(file: OrderedFile, options: FetchOptions, signal: AbortSignal): Promise<void> {
  const { folders, hashes, say } = options;
  const { of, id, sha256 } = file;
  if (!isPlainId(id)) throw new Error(`"${id}" is no name of a file`);
  for (const folder of folders[of]) {
    const path = await resolveInside(folder, id);
    if (path !== undefined && (await hashes.of(path, signal)) === sha256) return;
  }
  // Two names of one content may come side by side, each into its own.
  const part = join(options.parts, `${sha256}-${hashOf(id).slice(0, 16)}.part`);
  await fetch(file, part, options, signal);
  const place = join(folders[of].at(-1) as string, ...id.split("/"));
  makeFolder(dirname(place));
  // Another of that name that came before is of no order any more, or comes again.
  await rename(part, place);
  say(`Has "${id}" from the server (${file.bytes} bytes)`);
}

/** Goes on behind what came before, and is held to its hash. */
async function fetch(file: OrderedFile, part: string, { exchange }: FetchOptions, signal: AbortSignal): Promise<void> {
  const { id, sha256, bytes } = file;
  makeFolder(dirname(part));
  const come = async () => (await stat(part).catch(() => undefined))?.size ?? 0;
  for (let broken = 0; (await come()) < bytes; ) {
    const before = await come();
    const stream = await exchange.file(sha256, before, signal);
    if (!stream)
      throw new Error(
        `This machine has not "${id}" (SHA-256 ${sha256}): give the folder that has it with --models or --images`,
      );
    try {
      await pipeline(stream, createWriteStream(part, { flags: "a", flush: true }), { signal });
    } catch (error) {
      signal.throwIfAborted();
      broken = (await come()) > before ? 0 : broken + 1;
      if (broken >= maxBroken) throw error;
    }
  }
  if (bytes > 0 && (await hashFile(part, signal)) === sha256) return;
  await rm(part, { force: true });
  throw new Error(`"${id}" did not come as it was on the server: it may have been replaced there`);
}
