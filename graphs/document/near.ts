/** Names close to a mistyped one, nearest first, three at most: what an error offers. */
export function near(name: string, names: Iterable<string>): string[] {
  const meant = word(name);
  return [...new Set(names)]
    .filter((candidate) => Math.abs(word(candidate).length - meant.length) <= mostEdits(name, candidate))
    .slice(0, maxCompared)
    .map((candidate) => ({ candidate, edits: editDistance(meant, word(candidate), mostEdits(name, candidate)) }))
    .filter(({ candidate, edits }) => edits <= mostEdits(name, candidate))
    .sort((a, b) => a.edits - b.edits)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

/** A third of a name may be mistyped. */
const mostEdits = (a: string, b: string): number =>
  Math.max(1, Math.floor(Math.max(word(a).length, word(b).length) / 3));

/** Names of about the length are compared letter by letter; of more than these, the others are not. */
const maxCompared = 500;

/** A title in a file may be 64 KiB long; nobody mistypes one that far in. */
const word = (name: string): string => name.slice(0, 80).toLowerCase();

/** Letters to insert, delete, replace or swap with their neighbour (Damerau 1964), by rows; Infinity beyond `most`. */
function editDistance(a: string, b: string, most: number): number {
  let [above, row] = [[] as number[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  let [leastAbove, least] = [0, 0];
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    let leastNext = i;
    for (let j = 1; j <= b.length; j++) {
      let edits = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) edits = Math.min(edits, above[j - 2] + 1);
      next[j] = edits;
      leastNext = Math.min(leastNext, edits);
    }
    [above, row] = [row, next];
    [leastAbove, least] = [least, leastNext];
    if (least > most && leastAbove >= most) return Number.POSITIVE_INFINITY;
  }
  return row[b.length];
}
