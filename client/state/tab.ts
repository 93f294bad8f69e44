/** One open document: its history, the level one looks at, and the run whose state it shows. */
import type { Graph, GraphDocument } from "../../graphs/document/index.ts";
import type { View } from "../canvas/view.ts";
import { begin, type History } from "../edit/history.ts";
import { graphAt, type Level } from "../edit/level.ts";
import type { Surveyed } from "../facts/messages.ts";

/** A survey and the document it is of. */
export interface Known extends Surveyed {
  readonly document: GraphDocument;
}

export interface Tab {
  readonly key: string;
  /** Under which it is kept on the server. */
  name: string;
  history: History;
  level: Level;
  selection: ReadonlySet<number>;
  /** The view of each level that was looked at, by the level's path. */
  readonly views: Map<string, View>;
  run?: string | undefined;
  /** The document as it was when that run began. */
  ran?: GraphDocument | undefined;
  /** What is known of it before a run; of an older state of it while the newest is looked at. */
  known?: Known;
  /** Why the last run was refused, until something is changed. */
  problems: readonly { readonly message: string; readonly node?: string; readonly port?: string }[];
  /** The library copies that were told of their first edit. */
  readonly told: Set<string>;
  saved: GraphDocument;
  /** Outputs to be seen while their loop runs, as "7/9/12 prediction". */
  readonly watched: Set<string>;
}

export const newTab = (name: string, document: GraphDocument, key: string = crypto.randomUUID()): Tab => ({
  key,
  name,
  history: begin(document),
  level: [],
  selection: new Set(),
  views: new Map(),
  problems: [],
  told: new Set(),
  saved: document,
  watched: new Set(),
});

export const documentOf = ({ history }: Tab): GraphDocument => history.present;

/** The graph one looks at; where undo took its node away, the nearest one around it. */
export function shownGraph(tab: Tab): Graph {
  for (;;) {
    const graph = graphAt(documentOf(tab), tab.level);
    if (graph) return graph;
    tab.level = tab.level.slice(0, -1);
  }
}

export const pathIn = ({ level }: Tab, id: number): string => [...level, id].join("/");
