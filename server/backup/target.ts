/** Where a backup is written: a tar file, or a folder. Both appear whole or not at all. */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { Header, Pack, ReadEntry } from "tar";
import { unfinished } from "../files/atomic.ts";
import { linked } from "../files/linked.ts";
import { makeFolder } from "../files/make-folder.ts";

export interface Target {
  /** A place beside it for what is needed until it is finished. */
  readonly scratch: string;
  /** Takes exactly so many bytes. */
  add(path: string, size: number, bytes: AsyncIterable<Uint8Array>): Promise<void>;
  finish(): Promise<void>;
  /** After `finish` too: leaves nothing beside it. */
  close(): Promise<void>;
}

/** Throws one line when something is there already: a backup is never written over. */
export async function targetAt(path: string): Promise<Target> {
  const place = resolve(path);
  const taken = () => new Error(`${path} is there already: give another name with -o`);
  if (existsSync(place)) throw taken();
  makeFolder(dirname(place));
  const scratch = await mkdtemp(join(dirname(place), `.${basename(place)}-`));
  unfinished.add(scratch);
  const target = /\.tar$/i.test(place) ? await tarTarget(scratch, place, taken) : folderTarget(scratch, place);
  return {
    ...target,
    scratch,
    async close() {
      await target.close();
      await rm(scratch, { recursive: true, force: true });
      unfinished.delete(scratch);
    },
  };
}

type Writing = Omit<Target, "scratch">;

async function tarTarget(scratch: string, place: string, taken: () => Error): Promise<Writing> {
  const part = join(scratch, "part");
  const file = await open(part, "wx", 0o600);
  const pack = new Pack({ portable: true });
  const written = (async () => {
    for await (const chunk of pack) await file.writeFile(chunk);
  })();
  // A disk that is full ends it before all is handed over: whoever waits for room would wait for ever.
  written.catch(() => {});
  const drained = (entry: ReadEntry) =>
    Promise.race([new Promise<void>((resolve) => entry.once("drain", resolve)), written]);
  return {
    async add(path, size, bytes) {
      const entry = new ReadEntry(new Header({ path, size, type: "File", mode: 0o600, mtime: new Date() }));
      pack.add(entry);
      for await (const chunk of bytes) if (!entry.write(Buffer.from(chunk))) await drained(entry);
      entry.end();
    },
    async finish() {
      pack.end();
      await written;
      await file.sync();
      if (!(await linked(part, place))) throw taken();
    },
    close: () => file.close(),
  };
}

function folderTarget(scratch: string, place: string): Writing {
  const part = join(scratch, "part");
  return {
    async add(path, _size, bytes) {
      await mkdir(dirname(join(part, path)), { recursive: true, mode: 0o700 });
      const file = await open(join(part, path), "wx", 0o600);
      try {
        for await (const chunk of bytes) await file.writeFile(chunk);
      } finally {
        await file.close();
      }
    },
    finish: () => rename(part, place),
    async close() {},
  };
}
