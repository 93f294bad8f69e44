/** The address of a Redis, as it is typed, and as it is told. */
import { UsageError } from "../flags/errors.ts";

/**
 * The address without what is secret in it. Throws a UsageError for what is no address of Redis, which says nothing of it: where
 * a password is not written as it must be, any part of the address may be a part of it.
 */
export function redisName(url: string): string {
  const takes = "--redis takes an address such as redis://localhost:6379 or rediss://user:password@host:6380/1";
  const read = URL.canParse(url) ? new URL(url) : undefined;
  if (url.includes("@") && !(read && isWhole(read)))
    throw new UsageError(`${takes}: in a user and a password percent-encode all but letters, digits and - . _ ~`);
  if (!read || !/^rediss?:$/.test(read.protocol) || read.hostname === "") throw new UsageError(takes);
  const path = read.pathname.replace(/^\/$/, "");
  if (!/^(\/\d{1,5})?$/.test(path))
    throw new UsageError("--redis takes the number of a database at its end, such as redis://localhost:6379/1");
  return `${read.protocol}//${read.hostname}:${read.port || "6379"}${path}`;
}

/** Whether its user and password are read as they were meant: a "/", "?" or "#" in one of them ends it early. */
function isWhole({ username, password, pathname, search, hash }: URL): boolean {
  if ([pathname, search, hash].some((part) => part.includes("@"))) return false;
  try {
    decodeURIComponent(username + password);
    return true;
  } catch {
    return false;
  }
}

/** What is secret in an address that `redisName` takes. */
export const secretsIn = (url: string): readonly string[] => {
  const { password } = new URL(url);
  return password === "" ? [] : [password, decodeURIComponent(password)];
};
