/**
 * Work on large documents in pieces: a generator pauses where whoever drives it may do something else. A page, or a program of
 * its own, does all pieces at once; a server, which answers others on the same thread, does one a turn.
 */

export type Pieces<T> = Generator<void, T, void>;

export function allAtOnce<T>(pieces: Pieces<T>): T {
  for (;;) {
    const { done, value } = pieces.next();
    if (done) return value;
  }
}

/** `turn` resolves when others have had theirs. */
export async function pieceByPiece<T>(pieces: Pieces<T>, turn: () => Promise<unknown>): Promise<T> {
  for (;;) {
    const { done, value } = pieces.next();
    if (done) return value;
    await turn();
  }
}

/** Of so many nodes or links a piece is: some milliseconds. */
export const pieceLength = 100;

/** The list with each entry made another. A short one is of one piece with what is around it. */
export function* eachInPieces<T, U>(list: readonly T[], make: (one: T, i: number) => Pieces<U>): Pieces<U[]> {
  const all: U[] = [];
  for (const [i, one] of list.entries()) {
    if (i > 0 && i % pieceLength === 0) yield;
    all.push(yield* make(one, i));
  }
  return all;
}

/** The same, where each entry is made at once. */
export function* mapInPieces<T, U>(list: readonly T[], make: (one: T, i: number) => U): Pieces<U[]> {
  const all: U[] = [];
  for (const [i, one] of list.entries()) {
    if (i > 0 && i % pieceLength === 0) yield;
    all.push(make(one, i));
  }
  return all;
}
