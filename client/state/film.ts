/** The film of a loop that is shown. */
import type { FilmFrame } from "../runs/pictures.ts";
import { isDrawnAlike, type KnownRuns, runsBefore } from "./drawn-before.ts";
import type { Tab } from "./tab.ts";

export interface Film {
  /** Whose it is: the shown run's, or where that took its loops from the cache, the one's that drew them. */
  readonly run: string;
  readonly path: string;
  readonly frames: readonly FilmFrame[];
}

interface Films extends KnownRuns {
  films(run: string): readonly string[];
  film(run: string, path: string): readonly FilmFrame[];
}

/** Of the loop looked into, else of the last. */
export function shownFilm(tab: Tab | undefined, runs: Films): Film | undefined {
  if (!tab?.run) return undefined;
  const level = tab.level.join("/");
  const inRun = (run: string, isIt: (path: string) => boolean): Film | undefined => {
    const films = runs.films(run).filter((path) => !path.includes(".") && isIt(path));
    const path = films.findLast((one) => one === level) ?? films.at(-1);
    return path === undefined ? undefined : { run, path, frames: runs.film(run, path) };
  };
  const own = inRun(tab.run, () => true);
  if (own) return own;
  for (const before of runsBefore(tab, runs)) {
    const film = inRun(before.summary.id, (path) => isDrawnAlike(tab, runs, before, path));
    if (film) return film;
  }
  return undefined;
}
