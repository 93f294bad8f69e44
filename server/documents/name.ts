/** Names that people give to what they keep, as names of files on every system. */

/** Letters, digits, spaces and `_ - . , ( ) +`; no dot in front, none and no space at an end, no device of Windows. */
export const isDocumentName = (name: string): boolean =>
  name.length <= 100 &&
  name === name.normalize("NFC") &&
  /^[\p{L}\p{N}_(][\p{L}\p{M}\p{N} _.,()+-]*$/u.test(name) &&
  !/[ .]$/.test(name) &&
  !/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(name);

export const nameRule =
  "A name has up to 100 letters, digits, spaces and _ - . , ( ) +, and begins with a letter, a digit or _";
