/** A file on its way in: written beside its place, looked at, then put there, never over another. */
import { createHash } from "node:crypto";
import { createWriteStream, statSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Refusal } from "../refusal.ts";
import { unfinishedName } from "./atomic.ts";
import type { Ballast } from "./ballast.ts";
import { diskFull } from "./disk-full.ts";
import { hashFile } from "./hashes.ts";
import { linked } from "./linked.ts";

export interface ReceiveOptions<T> {
  /** Where it is written. */
  readonly folder: string;
  /** Where it gets its place, in the same file system; `folder` unless told otherwise. */
  readonly into?: string;
  readonly name: string;
  readonly maxBytes: number;
  /** How long it says it is; 0 where it does not. */
  readonly declared: number;
  /** Knows whether the disk has room for it. */
  readonly ballast: Pick<Ballast, "hasRoom">;
  /** Looks at it before it gets its place; one that this throws at does not get it. */
  readonly look: (path: string, sha256: string) => Promise<T>;
  /** Gives it its place; `place` unless told otherwise. */
  readonly put?: (arrived: Arrived) => Promise<boolean>;
}

export interface Received<T> {
  /** False: the same bytes were there already under this name. */
  readonly isNew: boolean;
  readonly found: T;
}

export const tooLarge = (): Refusal => new Refusal("too large", "The body is larger than this server takes");

/** A file that came whole and has no place yet. */
export interface Arrived {
  readonly path: string;
  readonly sha256: string;
}

/**
 * Throws a Refusal for more than `maxBytes` or than the disk has room for, and where something else is there under this
 * name: it stays.
 */
export async function receive<T>(stream: Readable, options: ReceiveOptions<T>): Promise<Received<T>> {
  const { folder, into = folder, name, look, put = (arrived) => place(arrived, into, name) } = options;
  const arrived = await arrive(stream, options);
  try {
    const found = await look(arrived.path, arrived.sha256);
    return { isNew: await put(arrived), found };
  } finally {
    await rm(arrived.path, { force: true });
  }
}

/** Writes what comes; whoever asked removes it. Throws as `receive` does, and leaves nothing then. */
export async function arrive(
  stream: Readable,
  { folder, into = folder, name, maxBytes, declared, ballast }: Omit<ReceiveOptions<unknown>, "look" | "put">,
): Promise<Arrived> {
  if (declared > maxBytes) throw tooLarge();
  if (!(await ballast.hasRoom(declared))) throw new Refusal("disk full", diskFull);
  const path = join(folder, unfinishedName("upload"));
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
    await pipeline(counted, createWriteStream(path, { flags: "wx", flush: true }));
    const sha256 = hash.digest("hex");
    await expectSame(join(into, name), sha256);
    return { path, sha256 };
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

/** Gives it its name. False: the same bytes were there already. Throws a Refusal where other bytes are. */
export async function place({ path, sha256 }: Arrived, folder: string, name: string): Promise<boolean> {
  const isNew = await linked(path, join(folder, name));
  if (!isNew) await expectSame(join(folder, name), sha256);
  return isNew;
}

/** Throws a Refusal when there is a file of other content, or what is no file. */
export async function expectSame(path: string, sha256: string): Promise<void> {
  const there = statSync(path, { throwIfNoEntry: false });
  if (there && (!there.isFile() || (await hashFile(path)) !== sha256))
    throw new Refusal("taken", "There is another file of this name: choose another name");
}
