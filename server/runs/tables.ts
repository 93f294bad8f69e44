/**
 * The versions of the run history, each a file with the statements of its day, so that no later change of mind alters what
 * an old history becomes. A row of `runs` is short: SQLite reads a long one page by page, so what only a run itself needs
 * (its graph, its settings) is in `tasks`.
 */
import { fromNothing, fromVersion1 } from "./versions/version-2.ts";
import { fromVersion2 } from "./versions/version-3.ts";
import { fromVersion3 } from "./versions/version-4.ts";

/** Raised with each new step; a history of a newer version is refused. */
export const version = 4;

/** From each version (0: there is none yet) to the one after it that there ever was. */
const steps: readonly (readonly [from: number, to: number, statements: readonly string[]])[] = [
  [0, 2, fromNothing],
  [1, 2, fromVersion1],
  [2, 3, fromVersion2],
  [3, 4, fromVersion3],
];

/** What makes a history of this version (0: a new one) into one of the present. */
export function upgradeFrom(found: number): readonly string[] {
  const all: string[] = [];
  let at = found;
  for (const [from, to, statements] of steps)
    if (from === at) {
      all.push(...statements);
      at = to;
    }
  return all;
}
