/**
 * Everything that a server was given and has made, while it runs or not: its history as of one moment, then the files that
 * this moment names. What is removed meanwhile is left out whole.
 */
import { createHash } from "node:crypto";
import { existsSync, statfsSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { isDiskFull } from "../files/disk-full.ts";
import { packageVersion } from "../files/package-root.ts";
import { filesBelow, weigh } from "../files/slowly.ts";
import { sizeText } from "../units.ts";
import { type Amiss, hindrance, unreadable } from "./amiss.ts";
import { CopiedHistory, isListed } from "./copied-history.ts";
import { type BackedUp, formatVersion, type Manifest, manifestName } from "./manifest.ts";
import { type Target, targetAt } from "./target.ts";

export interface BackedUpAll {
  readonly manifest: Manifest;
  readonly bytes: number;
  readonly amiss: readonly Amiss[];
}

/** Throws one line that says what to do, and when it is aborted; then nothing is left of it. */
export async function backUpAll(
  data: string,
  to: string,
  { signal, now = new Date() }: { readonly signal?: AbortSignal; readonly now?: Date } = {},
): Promise<BackedUpAll> {
  const history = join(data, "runs.db");
  if (!existsSync(history)) throw new Error(`There is no run history in ${data}: say where it is with --data`);
  if (isInside(resolve(to), resolve(data)))
    throw new Error(`${to} lies in the data folder itself: give a place elsewhere`);
  const target = await targetAt(to);
  let copied: CopiedHistory | undefined;
  try {
    await expectRoom(data, target.scratch);
    const copy = join(target.scratch, "runs.db");
    copied = await CopiedHistory.copy(history, copy);
    const written = new Writer(data, target, signal);
    const [without, amiss]: [string[], Amiss[]] = [[], []];
    for (const folder of ["graphs", "samplers", "images", "models"]) amiss.push(...(await written.folder(folder)));
    await written.file("quarantine.json");
    for (const run of await copied.runs()) {
      const wrong = await written.run(run, await copied.outputs(run));
      if (wrong.length > 0 && !(await isListed(history, run))) without.push(run);
      else amiss.push(...wrong);
    }
    const about = await copied.finish(without);
    copied.close();
    await written.fileAt(copy, "runs.db");
    const manifest: Manifest = {
      format: "guidegraph backup",
      version: formatVersion,
      program: packageVersion(),
      created: now.toISOString(),
      history: about,
      files: written.files,
      without,
    };
    await written.text(JSON.stringify(manifest), manifestName);
    await target.finish();
    return { manifest, bytes: written.files.reduce((sum, { bytes }) => sum + bytes, 0), amiss };
  } catch (error) {
    throw isDiskFull(error)
      ? new Error(`The disk of ${to} is full: free some space there, or give another place`)
      : error;
  } finally {
    copied?.close();
    await target.close();
  }
}

class Writer {
  readonly files: BackedUp[] = [];
  readonly #data: string;
  readonly #target: Target;
  readonly #signal: AbortSignal | undefined;

  constructor(data: string, target: Target, signal: AbortSignal | undefined) {
    this.#signal = signal;
    this.#data = data;
    this.#target = target;
  }

  /** All that is in a folder, but what is being written there. Resolves to what cannot be taken, or not be restored. */
  async folder(folder: string): Promise<Amiss[]> {
    const amiss: Amiss[] = [];
    const nameOf = (file: string) => relative(this.#data, file).split(sep).join("/");
    const closed = (below: string, error: NodeJS.ErrnoException) =>
      amiss.push({ path: nameOf(below), why: unreadable(error) });
    for await (const file of filesBelow(join(this.#data, folder), closed)) {
      const path = nameOf(file);
      if (path.endsWith(".tmp")) continue;
      const why = await hindrance(file, path);
      if (why === undefined) await this.fileAt(file, path);
      else amiss.push({ path, why });
    }
    return amiss;
  }

  /** What a run has made, and its previews. Resolves to what is not there, or not what it was. */
  async run(run: string, outputs: readonly { readonly name: string; readonly sha256: string }[]): Promise<Amiss[]> {
    const wrong: Amiss[] = [];
    for (const { name, sha256 } of outputs) {
      const path = `runs/${run}/outputs/${name}`;
      if ((await this.file(path)) !== sha256)
        wrong.push({ path, why: "is not there, or not what the history says, and was not before" });
    }
    return [...wrong, ...(await this.folder(`runs/${run}/previews`))];
  }

  /** Its hash; undefined when it is not there. */
  file = (path: string): Promise<string | undefined> => this.fileAt(join(this.#data, path), path);

  async fileAt(from: string, path: string): Promise<string | undefined> {
    let file: FileHandle;
    try {
      file = await open(from);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
    try {
      const { size } = await file.stat();
      return await this.#add(path, size, exactly(file, size, from));
    } finally {
      await file.close();
    }
  }

  async text(text: string, path: string): Promise<void> {
    const bytes = Buffer.from(text);
    await this.#target.add(path, bytes.length, toAsync([bytes]));
  }

  async #add(path: string, size: number, bytes: AsyncIterable<Uint8Array>): Promise<string> {
    const hash = createHash("sha256");
    const signal = this.#signal;
    const hashed = async function* () {
      for await (const chunk of bytes) {
        signal?.throwIfAborted();
        hash.update(chunk);
        yield chunk;
      }
    };
    await this.#target.add(path, size, hashed());
    const sha256 = hash.digest("hex");
    this.files.push({ path, bytes: size, sha256 });
    return sha256;
  }
}

const pieceBytes = 2 ** 18;

/** A file that grows meanwhile is taken as it was; one that becomes shorter cannot be. */
async function* exactly(file: FileHandle, size: number, name: string): AsyncGenerator<Uint8Array, void> {
  for (let done = 0; done < size; ) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(Math.min(pieceBytes, size - done)), 0, undefined, done);
    if (bytesRead === 0) throw new Error(`${name} became shorter while it was read: back up again`);
    yield buffer.subarray(0, bytesRead);
    done += bytesRead;
  }
}

async function* toAsync<T>(all: readonly T[]): AsyncGenerator<T, void> {
  yield* all;
}

/** As far as it can be known before. */
async function expectRoom(data: string, place: string): Promise<void> {
  const parts = ["runs.db", "graphs", "samplers", "images", "models", "runs"];
  let needed = 0;
  for (const part of parts) needed += await weigh(join(data, part));
  const { bavail, bsize } = statfsSync(place);
  if (needed > bavail * bsize)
    throw new Error(
      `${sizeText(needed)} are to be backed up, and ${dirname(place)} has room for ${sizeText(bavail * bsize)}: give another place`,
    );
}

const isInside = (path: string, folder: string): boolean => `${path}${sep}`.startsWith(`${folder}${sep}`);
