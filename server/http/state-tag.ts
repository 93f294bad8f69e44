/**
 * The tag of a file as it is: another whenever somebody may have written to it. Its size and time alone do not tell: a copy
 * keeps both, and every file of a package from npm is of 1985.
 */
import { createHash } from "node:crypto";
import { stateOf } from "../files/hashes.ts";

export const stateTag = (path: string): string =>
  `"${createHash("sha256").update(stateOf(path)).digest("base64url").slice(0, 22)}"`;
