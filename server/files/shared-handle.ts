/** A file that is opened when it is first read and closed when it has not been read for a while: nobody has to close it. */
import { constants, readSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

/** O_NOFOLLOW: what was a file when it was listed must not have become a link. Windows has no such flag. */
const readOnly = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0);
const idleMs = 1_000;

export function sharedHandle(path: string): <T>(use: (handle: FileHandle) => Promise<T>) => Promise<T> {
  let opened: Promise<FileHandle> | undefined;
  let users = 0;
  let idle: NodeJS.Timeout | undefined;
  const close = () => {
    opened?.then((handle) => handle.close()).catch(() => {});
    opened = undefined;
  };
  return async (use) => {
    clearTimeout(idle);
    users++;
    try {
      opened ??= open(path, readOnly);
      return await use(await opened);
    } catch (error) {
      if (users === 1) close();
      throw error;
    } finally {
      users--;
      if (users === 0) idle = setTimeout(close, idleMs).unref();
    }
  };
}

/** A header of a few bytes is read in less time than a thread takes to be woken for it. */
const smallBytes = 65_536;

/** Fills `bytes` from `start` with what lies at `position`; resolves to the number of bytes read. */
export async function readInto(
  handle: FileHandle,
  bytes: Uint8Array,
  start: number,
  position: number,
): Promise<number> {
  const length = bytes.length - start;
  if (length <= smallBytes) return readSync(handle.fd, bytes, start, length, position);
  return (await handle.read(bytes, start, length, position)).bytesRead;
}
