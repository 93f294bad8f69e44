/**
 * Work on large documents in pieces: a generator pauses behind each node and link, however deep it lies, where whoever drives it
 * may do something else. A page, or a program of its own, does all pieces at once; a server, which answers others on the same
 * thread, as many as a turn of its has time for.
 */

export type Pieces<T> = Generator<void, T, void>;

export function allAtOnce<T>(pieces: Pieces<T>): T {
  for (;;) {
    const { done, value } = pieces.next();
    if (done) return value;
  }
}

/** Asked behind each piece, `turn` is undefined while it may go on, or resolves when others have had their turn. */
export async function pieceByPiece<T>(pieces: Pieces<T>, turn: () => Promise<unknown> | undefined): Promise<T> {
  for (;;) {
    const { done, value } = pieces.next();
    if (done) return value;
    const others = turn();
    if (others) await others;
  }
}

/** The list with each entry made another. */
export function* eachInPieces<T, U>(list: readonly T[], make: (one: T, i: number) => Pieces<U>): Pieces<U[]> {
  const all: U[] = [];
  for (const [i, one] of list.entries()) {
    all.push(yield* make(one, i));
    yield;
  }
  return all;
}

/** The same, where each entry is made at once. */
export function* mapInPieces<T, U>(list: readonly T[], make: (one: T, i: number) => U): Pieces<U[]> {
  const all: U[] = [];
  for (const [i, one] of list.entries()) {
    all.push(make(one, i));
    yield;
  }
  return all;
}
