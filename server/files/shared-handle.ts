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

/** One call of the system reads less than 2 GiB; Node ends the process when it is asked for more. */
const maxCallBytes = 2 ** 30;

/** So many bytes from there, however many they are; undefined when the file ends before. */
export async function readWhole(handle: FileHandle, offset: number, length: number): Promise<Uint8Array | undefined> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const wanted = Math.min(length - done, maxCallBytes);
    const read =
      wanted <= smallBytes
        ? readSync(handle.fd, bytes, done, wanted, offset + done)
        : (await handle.read(bytes, done, wanted, offset + done)).bytesRead;
    if (read === 0) return undefined;
    done += read;
  }
  return bytes;
}
