/** How deep JSON is nested, by its letters: `JSON.parse` itself takes a third of a second for a million levels. */

const [quote, backslash] = [0x22, 0x5c];
const [openList, closeList, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];
const [tab, newline, carriageReturn, space] = [0x09, 0x0a, 0x0d, 0x20];

/**
 * Whether there are more than so many objects and lists in one another. It is looked at up to what no JSON has: `JSON.parse`
 * comes no further either.
 */
export function isDeeperThan(text: string, most: number): boolean {
  let depth = 0;
  let inText = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (inText) {
      if (code === backslash) i++;
      else if (code === quote) inText = false;
      else if (code < space) return false;
    } else if (code === quote) inText = true;
    else if (code === openList || code === openObject) {
      if (++depth > most) return true;
    } else if (code === closeList || code === closeObject) depth--;
    else if (code < space && code !== newline && code !== tab && code !== carriageReturn) return false;
  }
  return false;
}

/** What is said of such a text: "the card …". */
export const nestedDeeper = (most: number): string => `is nested more than ${most} levels deep`;
