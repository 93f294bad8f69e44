/** The open documents: which there are, and which one is looked at. */
import { emptyGraph, type Graph } from "../../graphs/document/index.ts";
import type { State, Transition } from "./state.ts";
import { shownGraph, type Tab } from "./tab.ts";

export const tabBy = ({ tabs }: State, key: string): Tab | undefined => tabs.find((tab) => tab.key === key);

export const activeTab = (state: State): Tab | undefined => tabBy(state, state.active);

/** The graph one looks at. */
export function graphOf(state: State): Graph {
  const tab = activeTab(state);
  return tab ? shownGraph(tab) : emptyGraph;
}

/** A document that was closed meanwhile stays closed. */
export const inTab =
  (key: string, change: (tab: Tab) => Tab): Transition =>
  (state) => {
    const tab = tabBy(state, key);
    const next = tab && change(tab);
    return next === tab ? state : { ...state, tabs: state.tabs.map((one) => (one === tab ? (next as Tab) : one)) };
  };

export const inActive =
  (change: (tab: Tab) => Tab): Transition =>
  (state) =>
    inTab(state.active, change)(state);

/** Its view is set when it is drawn. */
export const arrived: Transition = (state) => ({ ...state, arrivals: state.arrivals + 1 });

export const shown =
  (key: string): Transition =>
  (state) =>
    arrived({ ...state, active: key, overlay: undefined, step: undefined });

/** The last one, behind the others. */
export const added =
  (tab: Tab): Transition =>
  (state) => ({ ...state, tabs: [...state.tabs, tab] });

/** What comes after it is shown in its place, else what came before. */
export const closed =
  (key: string): Transition =>
  (state) => {
    const index = state.tabs.findIndex((tab) => tab.key === key);
    if (index < 0) return state;
    const tabs = state.tabs.toSpliced(index, 1);
    const next = { ...state, tabs };
    return state.active === key ? shown(tabs[Math.min(index, tabs.length - 1)]?.key ?? "")(next) : next;
  };
