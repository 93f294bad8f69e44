/** The files of a backup, one after the other, from a tar file or a folder. */
import { once } from "node:events";
import { createReadStream, statSync } from "node:fs";
import { relative, sep } from "node:path";
import { Parser, type ReadEntry } from "tar";
import { headBytes, looksLikeTar, sayOther } from "../../onnx/index.ts";
import { filesBelow } from "../files/slowly.ts";

export interface Entry {
  readonly path: string;
  /** To be taken before the next entry is asked for. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** Throws one line when it is neither. */
export function entriesOf(path: string): AsyncIterable<Entry> {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) throw new Error(`There is no backup ${path}`);
  return stat.isDirectory() ? inFolder(path) : inTar(path);
}

async function* inFolder(folder: string): AsyncGenerator<Entry, void> {
  for await (const file of filesBelow(folder))
    yield { path: relative(folder, file).split(sep).join("/"), bytes: createReadStream(file) };
}

const beginning = "its beginning";

/** Throws an Error that names the last file that was read when the archive is damaged. */
async function* inTar(path: string): AsyncGenerator<Entry, void> {
  const entries: ReadEntry[] = [];
  let [last, isOver] = [beginning, false];
  let failed: Error | undefined;
  let wake = () => {};
  const parser = new Parser({ strict: true, brotli: false, zstd: false });
  parser.on("entry", (entry: ReadEntry) => {
    entries.push(entry);
    wake();
  });
  parser.on("error", (error: Error) => {
    failed ??= error;
    wake();
  });
  const feed = async () => {
    for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 18 })) {
      if (failed) return;
      if (!parser.write(chunk)) await Promise.race([once(parser, "drain"), stopped.promise]);
    }
    parser.end();
  };
  const stopped = deferred();
  const fed = feed().then(
    () => (isOver = true),
    (error) => (failed ??= error),
  );
  fed.then(() => wake());
  try {
    for (;;) {
      const entry = entries.shift();
      const other = failed && last === beginning ? await saidOf(path, isNone(failed)) : undefined;
      if (other !== undefined) throw new Error(`${path} is no backup: ${other}`);
      if (failed) throw damaged(path, last, failed);
      if (entry) {
        last = entry.path;
        if (entry.type !== "File" && entry.type !== "OldFile") throw damaged(path, last, new Error("it is no file"));
        yield { path: entry.path, bytes: whole(entry, () => failed && damaged(path, entry.path, failed)) };
      } else if (isOver) return;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    stopped.resolve();
  }
}

/** All that an entry says it has: the parser ends one early where the archive does. */
async function* whole(entry: ReadEntry, failure: () => Error | undefined): AsyncGenerator<Uint8Array, void> {
  let left = entry.size;
  for await (const chunk of entry as AsyncIterable<Buffer>) {
    left -= chunk.length;
    yield chunk;
  }
  const failed = failure() ?? (left === 0 ? undefined : new Error(`${left} bytes of it are missing`));
  if (failed) throw failed;
}

/** What the parser says of a file that begins as no archive does. */
const isNone = ({ message }: Error): boolean => message.startsWith("TAR_BAD_ARCHIVE");

/** What else the file is; undefined where it may be a damaged archive. */
async function saidOf(path: string, isNone: boolean): Promise<string | undefined> {
  const head: Buffer[] = [];
  for await (const chunk of createReadStream(path, { end: headBytes - 1 })) head.push(chunk as Buffer);
  const bytes = Buffer.concat(head);
  const other = sayOther(bytes, "a backup");
  if (isNone) return other ?? "it is no tar archive, as backup writes it";
  return looksLikeTar(bytes) ? undefined : (other ?? zipIn(head[0]));
}

/** Samples, arrays and checkpoints are. */
const zipIn = (head: Buffer | undefined): string | undefined =>
  head?.subarray(0, 4).equals(Buffer.from("PK\x03\x04", "latin1"))
    ? "it is a zip archive, as NPZ files are"
    : undefined;

const damaged = (path: string, last: string, { message }: Error): Error =>
  new Error(`The backup ${path} is damaged at ${last}: ${message}`);

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}
