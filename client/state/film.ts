/** The film of a loop that is shown. */
import type { FilmFrame } from "../runs/pictures.ts";
import type { Tab } from "./tab.ts";

export interface Film {
  readonly path: string;
  readonly frames: readonly FilmFrame[];
}

interface Films {
  films(run: string): readonly string[];
  film(run: string, path: string): readonly FilmFrame[];
}

/** Of the loop looked into, else of the last. */
export function shownFilm(tab: Tab | undefined, runs: Films): Film | undefined {
  if (!tab?.run) return undefined;
  const films = runs.films(tab.run).filter((path) => !path.includes("."));
  const level = tab.level.join("/");
  const path = films.findLast((one) => one === level) ?? films.at(-1);
  return path === undefined ? undefined : { path, frames: runs.film(tab.run, path) };
}
