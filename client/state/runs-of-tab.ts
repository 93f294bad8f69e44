/** Which run of a document is shown, and which come next. */
import type { Started, Tab } from "./tab.ts";

/** A run that was started here is shown; while another is at work, that stays in sight. */
export const withStarted = (tab: Tab, started: Started, isBusy: boolean): Tab =>
  isBusy
    ? { ...tab, next: [...tab.next, started] }
    : { ...tab, run: started.run, ran: started.document, next: tab.next.filter(({ run }) => run !== started.run) };

/** Once the shown run is over, the first of the next ones that has begun. `has`: whether a run has begun, or ended. */
export function advanced(tab: Tab, has: (run: string, what: "begun" | "ended") => boolean): Tab {
  if (tab.next.length === 0 || (tab.run !== undefined && !has(tab.run, "ended"))) return tab;
  const begun = tab.next.findIndex(({ run }) => has(run, "begun"));
  if (begun < 0) return tab;
  const { run, document } = tab.next[begun];
  return { ...tab, run, ran: document, next: tab.next.toSpliced(begun, 1) };
}

/** A run that one has picked; what waits does not take its place. */
export const withPicked = (tab: Tab, run: string): Tab => ({ ...tab, run, next: [] });
