/**
 * A backup becomes a data folder: written beside its place, held hash by hash against what the backup says it holds, and
 * put there when all of it is right.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, statfsSync, statSync } from "node:fs";
import { mkdir, mkdtemp, open, readFile, rename, rm, rmdir } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { unfinished } from "../files/atomic.ts";
import { isDiskFull } from "../files/disk-full.ts";
import { makeFolder } from "../files/make-folder.ts";
import { version as historyVersion } from "../runs/tables.ts";
import { sizeText } from "../units.ts";
import { formatVersion, isPlainPath, type Manifest, manifestName, manifestSchema, runOf } from "./manifest.ts";
import { entriesOf } from "./source.ts";

/** Throws one line that says what to do, and when it is aborted; then nothing is left of it. */
export async function restore(from: string, data: string, signal?: AbortSignal): Promise<Manifest> {
  const place = resolve(data);
  if (existsSync(place) && (!statSync(place).isDirectory() || readdirSync(place).length > 0))
    throw new Error(
      `${data} is not empty: a backup is restored into a folder that is new or empty, give one with --data`,
    );
  const entries = entriesOf(from);
  makeFolder(dirname(place));
  expectRoom(from, dirname(place));
  const part = await mkdtemp(join(dirname(place), `.${basename(place)}-`));
  unfinished.add(part);
  try {
    const found = new Map<string, Found>();
    for await (const { path, bytes } of entries) {
      if (!isPlainPath(path) || found.has(path)) throw wrong(from, path, "is no file of a backup, or is there twice");
      found.set(path, await write(join(part, path), bytes, signal));
    }
    const manifest = await manifestIn(from, part, found);
    await compare(from, part, manifest, found);
    await put(part, place, data);
    return manifest;
  } catch (error) {
    throw isDiskFull(error)
      ? new Error(`The disk of ${data} is full: free some space there, or give another place`)
      : error;
  } finally {
    await rm(part, { recursive: true, force: true });
    unfinished.delete(part);
  }
}

interface Found {
  readonly bytes: number;
  readonly sha256: string;
}

async function write(path: string, bytes: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<Found> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(path, "wx", 0o600);
  try {
    const hash = createHash("sha256");
    let size = 0;
    for await (const chunk of bytes) {
      signal?.throwIfAborted();
      hash.update(chunk);
      size += chunk.length;
      await file.writeFile(chunk);
    }
    return { bytes: size, sha256: hash.digest("hex") };
  } finally {
    await file.close();
  }
}

async function manifestIn(from: string, part: string, found: Map<string, Found>): Promise<Manifest> {
  if (!found.delete(manifestName)) throw new Error(`${from} has no ${manifestName}: it is no backup, or was cut short`);
  const path = join(part, manifestName);
  const read = manifestSchema.safeParse(parsed(await readFile(path, "utf8")));
  if (!read.success) throw wrong(from, manifestName, "cannot be read");
  const { version, history, program } = read.data;
  if (version > formatVersion || history.version > historyVersion)
    throw new Error(`The backup ${from} was made by GuideGraph ${program}, which is newer: update GuideGraph`);
  await rm(path);
  return read.data;
}

/** What is there is what was written, all of it, and nothing else. */
async function compare(from: string, part: string, manifest: Manifest, found: Map<string, Found>): Promise<void> {
  for (const run of manifest.without) await rm(join(part, "runs", basename(run)), { recursive: true, force: true });
  const without = new Set(manifest.without);
  for (const { path, bytes, sha256 } of manifest.files) {
    const one = found.get(path);
    if (!one) throw wrong(from, path, "is missing");
    if (one.bytes !== bytes || one.sha256 !== sha256) throw wrong(from, path, "is not what it was when it was written");
    found.delete(path);
  }
  const [more] = [...found.keys()].filter((path) => !without.has(runOf(path) ?? ""));
  if (more !== undefined) throw wrong(from, more, "is none of its files");
  if (!existsSync(join(part, "runs.db"))) throw wrong(from, "runs.db", "is missing");
}

async function put(part: string, place: string, data: string): Promise<void> {
  try {
    if (existsSync(place)) await rmdir(place);
    await rename(part, place);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(`Cannot put ${data} in its place (${code}): give a folder below it`);
  }
}

/** Of a tar file; of a folder it shows while it is copied. */
function expectRoom(from: string, place: string): void {
  const { size } = statSync(from);
  const { bavail, bsize } = statfsSync(place);
  if (size > bavail * bsize)
    throw new Error(
      `${sizeText(size)} are to be restored, and ${place} has room for ${sizeText(bavail * bsize)}: give another place`,
    );
}

const wrong = (from: string, path: string, what: string): Error =>
  new Error(`The backup ${from} is damaged: ${path} ${what}. Nothing was restored`);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
