/** Where one looks in a document: the level, and the view of each. */
import { isBorder } from "../../graphs/document/index.ts";
import type { View } from "../canvas/view.ts";
import { type Level, nearestLevel } from "../edit/level.ts";
import { documentOf, shownGraph, type Tab } from "./tab.ts";

/** Into another level; coming out of a node, that one is selected. */
export const wentTo = (tab: Tab, level: Level): Tab => ({
  ...tab,
  level: nearestLevel(documentOf(tab), level),
  selection: tab.level.length > level.length ? new Set([tab.level[level.length]]) : new Set(),
});

/** The level inside a node; where that is nothing but one other such node, the one inside that. */
export function levelInside(tab: Tab, id: number): Level | undefined {
  const inner = shownGraph(tab).nodes.find((node) => node.id === id)?.inner;
  if (!inner) return undefined;
  const rest = inner.nodes.filter((node) => !isBorder(node));
  const only = rest.length === 1 && rest[0].inner ? [rest[0].id] : [];
  return [...tab.level, id, ...only];
}

/** As it is left: the view is kept, unless nobody has chosen it. */
export function leftWith(tab: Tab, view: View | undefined): Tab {
  const views = new Map(tab.views);
  const path = tab.level.join("/");
  if (view) views.set(path, view);
  else views.delete(path);
  return { ...tab, views };
}

/** As views were kept; what is none is passed over. */
export function withViews(tab: Tab, views: readonly (readonly [string, View])[]): Tab {
  const isView = (view: Partial<View> | null) =>
    [view?.x, view?.y, view?.scale].every((value) => Number.isFinite(value)) && Number(view?.scale) > 0;
  return { ...tab, views: new Map(views.filter(([, view]) => isView(view))) };
}

export const viewHere = ({ views, level }: Tab): View | undefined => views.get(level.join("/"));

/** Forgets the views of a level and of all within it, so that they are fitted anew. */
export function withoutViews(tab: Tab, path: Level): Tab {
  const outer = path.join("/");
  return {
    ...tab,
    views: new Map([...tab.views].filter(([level]) => level !== outer && !level.startsWith(`${outer}/`))),
  };
}
