/** The address of a Redis, as it is typed, and as it is told. */
import { UsageError } from "../flags/errors.ts";

/** The address without what is secret in it. Throws a UsageError for what is no address of Redis. */
export function redisName(url: string): string {
  const read = URL.canParse(url) ? new URL(url) : undefined;
  if (!read || !/^rediss?:$/.test(read.protocol) || read.hostname === "")
    throw new UsageError(
      `--redis takes an address such as redis://localhost:6379 or rediss://user:password@host:6380/1, not "${url.replace(/\/\/[^@/]*@/, "//…@")}"`,
    );
  const path = read.pathname.replace(/^\/$/, "");
  if (!/^(\/\d{1,5})?$/.test(path))
    throw new UsageError(`--redis takes the number of a database at its end, not "${path}"`);
  return `${read.protocol}//${read.hostname}:${read.port || "6379"}${path}`;
}

/** What is secret in an address. */
export const secretsIn = (url: string): readonly string[] => {
  const { password } = new URL(url);
  return password === "" ? [] : [password, decodeURIComponent(password)];
};
