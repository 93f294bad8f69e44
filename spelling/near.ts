/**
 * Names that a person may have meant, three at most: those close to it in letters, and those
 * that go on behind it; where there is none, those that share a word.
 */
export function meant(name: string, names: Iterable<string>): string[] {
  const all = [...new Set(names)].slice(0, maxCompared);
  const longer = all.filter((candidate) => word(candidate).startsWith(`${word(name)}_`));
  const close = new Set([...near(name, all), ...longer]);
  if (close.size > 0) return [...close].slice(0, 3);
  return all
    .map((candidate) => ({ candidate, shared: sharedLetters(name, candidate) }))
    .filter(({ shared }) => shared > 0)
    .sort((a, b) => b.shared - a.shared || a.candidate.length - b.candidate.length)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

/** The longest word of one that is, begins or lies in a word of the other: `steps` of diffusion_steps, `step` of timestep. */
function sharedLetters(a: string, b: string): number {
  const words = (text: string) =>
    word(text)
      .split(/[^\p{L}\p{N}]+/u)
      .flatMap((one) => (one === "" ? [] : [one, singular(one)]));
  const lengths = words(a).flatMap((one) =>
    words(b).map((other) => {
      const [short, long] = one.length < other.length ? [one, other] : [other, one];
      const least = long.startsWith(short) ? leastBeginning : leastWithin;
      return short.length >= least && long.includes(short) ? short.length : 0;
    }),
  );
  return Math.max(0, ...lengths);
}

const singular = (text: string): string => text.replace(/s$/, "");

/** Shorter ones are in too many words: `out` begins output, `in` lies in everything. */
const [leastBeginning, leastWithin] = [3, 4];

/** Names close to a mistyped one in its letters, nearest first, three at most. `part`: of a name, that may be mistyped. */
export function near(name: string, names: Iterable<string>, part = 1 / 3): string[] {
  const typed = word(name);
  const mostEdits = (a: string, b: string) => Math.max(1, Math.floor(Math.max(word(a).length, word(b).length) * part));
  return [...new Set(names)]
    .filter((candidate) => Math.abs(word(candidate).length - typed.length) <= mostEdits(name, candidate))
    .slice(0, maxCompared)
    .map((candidate) => ({ candidate, edits: editDistance(typed, word(candidate), mostEdits(name, candidate)) }))
    .filter(({ candidate, edits }) => edits <= mostEdits(name, candidate))
    .sort((a, b) => a.edits - b.edits)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

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
