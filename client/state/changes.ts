/** What a transition means for what is drawn and kept: a field that is added to the state says it here. */
import type { State } from "./state.ts";
import type { Tab } from "./tab.ts";

/**
 * `view`: one has come to a level; `document`: what the canvas shows is to be made anew;
 * `facts`: so are cards that say what is known of it; `selection`, `runs`, `preview`,
 * `ui`: cards look otherwise; `chrome`: nothing on the canvas does.
 */
export type Change = "chrome" | "ui" | "selection" | "document" | "facts" | "view" | "runs" | "preview";

const ofState = {
  ready: "ui",
  catalogue: "document",
  health: "ui",
  models: "document",
  images: "document",
  tensors: "document",
  examples: "ui",
  samplers: "document",
  entries: "ui",
  labels: "chrome",
  active: "view",
  front: "chrome",
  arrivals: "view",
  copied: "chrome",
  step: "preview",
  batches: "ui",
  starting: "ui",
  theme: "ui",
  themeChoice: "ui",
  left: "ui",
  inspector: "ui",
  strip: "ui",
  search: "ui",
  exampleSearch: "ui",
  renaming: "ui",
  runSearch: "ui",
  runsListed: "ui",
  overlay: "ui",
  tip: "chrome",
  hint: "chrome",
  notice: "ui",
  exporting: "ui",
} as const satisfies Record<Exclude<keyof State, "tabs">, Change>;

const ofTab = {
  key: "document",
  name: "ui",
  history: "document",
  level: "document",
  selection: "selection",
  views: "chrome",
  run: "runs",
  ran: "runs",
  next: "chrome",
  asked: "chrome",
  renewed: "document",
  known: "facts",
  problems: "runs",
  own: "chrome",
  saved: "chrome",
  stored: "chrome",
  sent: "chrome",
  agreed: "chrome",
  restored: "chrome",
  watched: "document",
} as const satisfies Record<keyof Tab, Change>;

export function changesBetween(before: State, after: State): ReadonlySet<Change> {
  const changes = differing(before, after, ofState);
  if (before.tabs === after.tabs) return changes;
  const were = new Map(before.tabs.map((tab) => [tab.key, tab]));
  const same = after.tabs.filter(({ key }) => were.has(key));
  if (same.length < Math.max(before.tabs.length, after.tabs.length)) changes.add("document");
  for (const tab of same) for (const change of differing(were.get(tab.key) as Tab, tab, ofTab)) changes.add(change);
  return changes;
}

const differing = <T extends object>(before: T, after: T, of: Partial<Record<keyof T, Change>>): Set<Change> =>
  new Set((Object.keys(of) as (keyof T)[]).flatMap((key) => (before[key] === after[key] ? [] : (of[key] ?? []))));
