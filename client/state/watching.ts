/** Outputs that are to be seen while their loop runs. */
import { pathIn, type Tab } from "./tab.ts";

/** The output of a node, on the level one looks at, that is to be seen while its loop runs. */
export function watchedOutput(tab: Tab, id: number): string | undefined {
  const start = `${pathIn(tab, id)} `;
  return [...tab.watched].find((one) => one.startsWith(start))?.slice(start.length);
}

/** Watches an output, the only one of its node; no more, when it was watched. */
export function watching(tab: Tab, id: number, output: string): Tab {
  const before = watchedOutput(tab, id);
  const watched = new Set(tab.watched);
  if (before !== undefined) watched.delete(`${pathIn(tab, id)} ${before}`);
  if (before !== output) watched.add(`${pathIn(tab, id)} ${output}`);
  return { ...tab, watched };
}
