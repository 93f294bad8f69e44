/** Names that people give to what they keep, as names of files on every system. */
import { ownName } from "../../graphs/document/index.ts";

/** A file's name has 255 bytes on most disks; what is written beside it has a few more than it. */
const maxBytes = 240;

/**
 * Letters, digits, spaces and `_ - . , ( ) +`; no dot in front, none and no space at an end, no device of Windows, which takes
 * small raised digits for digits.
 */
export const isDocumentName = (name: string): boolean =>
  name.length <= 100 &&
  Buffer.byteLength(name) <= maxBytes &&
  name === name.normalize("NFC") &&
  /^[\p{L}\p{N}_(][\p{L}\p{M}\p{N} _.,()+-]*$/u.test(name) &&
  !/[ .]$/.test(name) &&
  !/^(con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³])(\.|$)/i.test(name);

/** `ownName` of so much of a name that it can be numbered still; `join` as there. */
export function ownDocumentName(name: string, join: string): string {
  const letters = [...name];
  const own = () => ownName(letters.join(""), join);
  while (!isDocumentName(`${own()}${join}99`)) letters.pop();
  return own();
}

export const nameRule =
  "A name has up to 100 letters, digits, spaces and _ - . , ( ) + (240 bytes in UTF-8), and begins with a letter, a digit or _";

/** As it is kept: some systems give the letters of names in parts (NFD), which look the same. */
export const asName = (text: string): string => text.normalize("NFC");
