/** One open document: its history, the level one looks at, and the run whose state it shows. A value, and what becomes of it. */
import { type Graph, type GraphDocument, isBorder } from "../../graphs/document/index.ts";
import type { View } from "../canvas/view.ts";
import type { Catalogue } from "../edit/catalogue.ts";
import { moveNodes, type Point, setProperty } from "../edit/graph.ts";
import { begin, edited, type History, replaced } from "../edit/history.ts";
import { graphAt, type Level, nearestLevel, withGraphAt } from "../edit/level.ts";
import { isUntouched, withOrigin } from "../edit/origin.ts";
import type { Surveyed } from "../facts/messages.ts";
import { randomKey } from "../runs/random-key.ts";
import type { Agreed } from "./agreed.ts";
import type { Stored } from "./stored.ts";

/** A survey and the document it is of. */
export interface Known extends Surveyed {
  readonly document: GraphDocument;
}

export interface Tab {
  /** The identity of its document, beside any name: what is saved and run carries it. */
  readonly key: string;
  /** Under which it is kept on the server. */
  readonly name: string;
  readonly history: History;
  /** It is there: where an edit takes its node away, the nearest one around it takes its place. */
  readonly level: Level;
  readonly selection: ReadonlySet<number>;
  /** The view of each level that was looked at, by the level's path. */
  readonly views: ReadonlyMap<string, View>;
  readonly run?: string | undefined;
  /** The document as it was when that run began. */
  readonly ran?: GraphDocument | undefined;
  /** Runs that were started here while another was at work, in their order: each is shown once it begins. */
  readonly next: readonly Started[];
  /** What is known of it before a run; of an older state of it while the newest is looked at. */
  readonly known?: Known;
  /** Why the last run was refused, until something is changed. */
  readonly problems: readonly { readonly message: string; readonly node?: string; readonly port?: string }[];
  /** Paths of the library copies that an edit has made one's own. */
  readonly own: ReadonlySet<string>;
  /** Seeds that are new after each run, as "7/9 seed". */
  readonly renewed: ReadonlySet<string>;
  /** Its name was asked for. */
  readonly asked?: true;
  /** As it is on the server; undefined where nobody has seen that it is there. */
  readonly saved: GraphDocument | undefined;
  /** What the server had when it was last read or written from here; undefined where that is nothing. */
  readonly stored?: Stored;
  /** Once it was kept, or came from another window. */
  readonly agreed?: Agreed;
  /** Outputs to be seen while their loop runs, as "7/9/12 prediction". */
  readonly watched: ReadonlySet<string>;
}

/** A run and the document that it runs. */
export interface Started {
  readonly run: string;
  readonly document: GraphDocument;
}

export const newTab = (name: string, document: GraphDocument, key: string = randomKey()): Tab => ({
  key,
  name,
  history: begin(document),
  level: [],
  selection: new Set(),
  views: new Map(),
  next: [],
  problems: [],
  own: new Set(),
  saved: document,
  watched: new Set(),
  renewed: new Set(),
});

export const documentOf = ({ history }: Tab): GraphDocument => history.present;

/** The document as it is saved and run: with its identity. */
export const identified = (document: GraphDocument, key: string): GraphDocument =>
  document.about.id === key ? document : { ...document, about: { ...document.about, id: key } };

/** Whether a run's graph is of this tab's document; an older run has no identity but its title. */
export function isOfTab(tab: Tab, { about: { id, title } }: GraphDocument): boolean {
  return id === undefined ? (documentOf(tab).about.title ?? "Untitled") === (title ?? "Untitled") : id === tab.key;
}

/** What is known is of the document as it is. */
export const isCurrent = (tab: Tab): boolean => tab.known?.document === documentOf(tab);

/** Its document takes too long to look at. */
export const isHung = (tab: Tab): boolean => tab.known?.hung === true && isCurrent(tab);

/** Its document is not looked at before it changes. */
export const givenUp = (tab: Tab): Tab => ({
  ...tab,
  known: { document: documentOf(tab), facts: new Map(), problems: [], hung: true },
});

/** The graph one looks at. */
export const shownGraph = (tab: Tab): Graph => graphAt(documentOf(tab), tab.level) ?? documentOf(tab);

export const pathIn = ({ level }: Tab, id: number): string => [...level, id].join("/");

// Edits

/** Level and selection keep to what is there. */
export function withHistory(tab: Tab, history: History): Tab {
  const next = { ...tab, history, level: nearestLevel(history.present, tab.level) };
  const ids = new Set(shownGraph(next).nodes.map(({ id }) => id));
  const isThere = (id: number) => ids.has(id);
  return [...tab.selection].every(isThere) ? next : { ...next, selection: new Set([...tab.selection].filter(isThere)) };
}

export const editedDocument = (tab: Tab, document: GraphDocument, merge?: string): Tab => ({
  ...withHistory(tab, edited(tab.history, document, merge)),
  problems: [],
});

/** Edits the graph one looks at. Edits with the same `merge` are one step back. */
export function editedGraph(tab: Tab, change: (graph: Graph) => Graph, catalogue: Catalogue, merge?: string): Tab {
  const graph = shownGraph(tab);
  const next = change(graph);
  if (next === graph) return tab;
  return withOwn(editedDocument(tab, withGraphAt(documentOf(tab), tab.level, next, catalogue), merge));
}

/** Copies around the level one looks at are one's own from their first edit on. */
function withOwn(tab: Tab): Tab {
  const before = tab.history.past.at(-1);
  const levels = tab.level.map((_, depth) => tab.level.slice(0, depth + 1));
  const edited = levels.filter(
    (level) =>
      before &&
      isUntouched(graphAt(before, level)) &&
      !isUntouched(graphAt(documentOf(tab), level)) &&
      !tab.own.has(level.join("/")),
  );
  return edited.length === 0 ? tab : { ...tab, own: new Set([...tab.own, ...edited.map((level) => level.join("/"))]) };
}

/** Places nodes of a level that nobody has placed. That is no edit: no undo step, and what was only opened stays unsaved. */
export const placed = (tab: Tab, places: ReadonlyMap<number, Point>, catalogue: Catalogue): Tab => ({
  ...madeRoom(tab, places, catalogue),
  ran: undefined,
});

/** Moves what a card has come to lie on that has grown: no step of its own either. */
export function madeRoom(tab: Tab, places: ReadonlyMap<number, Point>, catalogue: Catalogue): Tab {
  const document = withGraphAt(documentOf(tab), tab.level, moveNodes(shownGraph(tab), places), catalogue);
  return retold(tab, {
    ...tab,
    history: replaced(tab.history, document),
    ...(tab.saved === documentOf(tab) && { saved: document }),
    ...(tab.agreed?.document === documentOf(tab) && { agreed: { ...tab.agreed, document } }),
  });
}

/** Says of a copy in the document where it came from. That is no edit either. */
export function stamped(
  tab: Tab,
  path: Level,
  library: NonNullable<Graph["about"]["library"]>,
  catalogue: Catalogue,
): Tab {
  const copy = graphAt(documentOf(tab), path);
  if (!copy) return tab;
  const document = withGraphAt(documentOf(tab), path, withOrigin(copy, library), catalogue);
  return retold(tab, { ...tab, history: replaced(tab.history, document) });
}

/** What was given up is no easier to look at for what is no edit. */
const retold = (before: Tab, tab: Tab): Tab => (isHung(before) ? givenUp(tab) : tab);

// Runs

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

// Levels and views

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

// Outputs that are watched

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

// Seeds that are new after each run

export const isRenewing = (tab: Tab, id: number, name: string): boolean =>
  tab.renewed.has(`${pathIn(tab, id)} ${name}`);

/** A seed is new after each run; or no more, when it was. */
export function renewing(tab: Tab, id: number, name: string): Tab {
  const seed = `${pathIn(tab, id)} ${name}`;
  const renewed = new Set(tab.renewed);
  if (!renewed.delete(seed)) renewed.add(seed);
  return { ...tab, renewed };
}

/**
 * With new seeds where they are to be: of a document that has run since they were drawn. So the seed that a card shows is the
 * one that its picture was made with. `draw` gives the next.
 */
export function withNewSeeds(tab: Tab, draw: () => number, catalogue: Catalogue): Tab {
  if (tab.run === undefined && tab.next.length === 0) return tab;
  let document = documentOf(tab);
  for (const seed of tab.renewed) {
    const [path, name] = [seed.slice(0, seed.indexOf(" ")), seed.slice(seed.indexOf(" ") + 1)];
    const ids = path.split("/").map(Number);
    const level = ids.slice(0, -1);
    const graph = graphAt(document, level);
    const next = graph && setProperty(graph, ids[ids.length - 1], name, draw(), catalogue);
    if (next) document = withGraphAt(document, level, next, catalogue);
  }
  return editedDocument(tab, document, "new seeds");
}
