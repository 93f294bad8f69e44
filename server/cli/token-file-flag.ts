/** The file of --token-file, as commands read it: what is wrong with it is said without a word of what is in it. */
import { readFileSync, statSync } from "node:fs";
import { UsageError } from "../flags/errors.ts";
import { type NamedToken, readTokens } from "../users/token-file.ts";

/** Throws a UsageError for a file that cannot be read, or is none. */
export function tokensIn(file: string): readonly NamedToken[] {
  try {
    return readTokens(readFileSync(file, "utf8"));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UsageError(`Cannot read --token-file ${file}${code === undefined ? `: ${message}` : ` (${code})`}`);
  }
}

/** Whether others than its user may read it. */
export const liesOpen = (file: string): boolean => process.platform !== "win32" && (statSync(file).mode & 0o004) !== 0;

/** The token that lets in everywhere. Throws a UsageError too where the file has users' tokens alone. */
export function ownersToken(file: string): string {
  const owner = tokensIn(file).find(({ name }) => name === undefined);
  if (!owner)
    throw new UsageError(`--token-file ${file} has no token of the owner: a line "owner: token", or a token alone`);
  return owner.token;
}
