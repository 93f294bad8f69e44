/**
 * The tag of a file as it is: another whenever somebody may have written to it. Its size and time alone do not tell: a copy
 * keeps both, and every file of a package from npm is of 1985.
 */
import { createHash } from "node:crypto";
import type { Stats } from "node:fs";

export const stateTag = ({ size, mtimeMs, ctimeMs, ino }: Stats): string =>
  `"${createHash("sha256").update([size, mtimeMs, ctimeMs, ino].join(" ")).digest("base64url").slice(0, 22)}"`;
