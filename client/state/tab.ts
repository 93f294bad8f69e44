/** One open document: its history, the level one looks at, and the run whose state it shows. A value, and its edits. */
import type { Graph, GraphDocument } from "../../graphs/document/index.ts";
import type { View } from "../canvas/view.ts";
import type { Catalogue } from "../edit/catalogue.ts";
import { moveNodes, type Point } from "../edit/graph.ts";
import { begin, edited, type History, replaced } from "../edit/history.ts";
import { graphAt, type Level, nearestLevel, withGraphAt } from "../edit/level.ts";
import { isUntouched, withOrigin } from "../edit/origin.ts";
import type { Surveyed } from "../facts/messages.ts";
import { randomKey } from "../runs/random-key.ts";
import type { Agreed } from "./agreed.ts";
import type { Sent, Stored } from "./stored.ts";

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
  /** Since then. */
  readonly sent: readonly Sent[];
  /** Once it was kept, or came from another window. */
  readonly agreed?: Agreed;
  /** It was open in this browser before, and lies as it was left. */
  readonly restored?: true;
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
  sent: [],
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
  // What a run was refused for is said of the document that it was refused with.
  const problems = history.present === documentOf(tab) ? tab.problems : [];
  const next = { ...tab, history, problems, level: nearestLevel(history.present, tab.level) };
  const ids = new Set(shownGraph(next).nodes.map(({ id }) => id));
  const isThere = (id: number) => ids.has(id);
  return [...tab.selection].every(isThere) ? next : { ...next, selection: new Set([...tab.selection].filter(isThere)) };
}

export const editedDocument = (tab: Tab, document: GraphDocument, merge?: string): Tab =>
  withHistory(tab, edited(tab.history, document, merge));

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
