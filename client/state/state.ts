/**
 * All that the editor knows and shows, as one value that is never changed in place: a transition is a function from it
 * to the next. Canvas, connection and pictures lie beside it.
 */
import type { Graph, GraphLink } from "../../graphs/document/index.ts";
import type { DocumentSummary, ModelSummary } from "../../server/protocol.ts";
import { type Catalogue, catalogueOf } from "../edit/catalogue.ts";
import type { Point } from "../edit/graph.ts";
import type { Theme, ThemeChoice } from "../look/theme.ts";
import type { Health } from "../runs/api.ts";
import type { Overlay } from "./overlay.ts";
import type { Tab } from "./tab.ts";

export interface Notice {
  readonly text: string;
  readonly more?: string;
  readonly bad?: boolean;
  readonly action?: Deed;
  /** What one may want instead. */
  readonly other?: Deed;
}

export interface Deed {
  readonly label: string;
  readonly run: () => void;
}

export interface Copied {
  readonly text: string;
  /** Where it was copied: elsewhere it is pasted into the middle of what is seen. */
  readonly place: string;
  /** The wires that entered it there. */
  readonly wires: readonly GraphLink[];
}

export interface State {
  /** What the server has is known, and what was open is open again. */
  readonly ready: boolean;
  readonly catalogue: Catalogue;
  readonly health: Health | undefined;
  readonly models: readonly ModelSummary[];
  readonly images: readonly { readonly id: string }[];
  readonly tensors: readonly { readonly id: string }[];
  readonly examples: readonly DocumentSummary[];
  readonly samplers: readonly DocumentSummary[];
  /** Graphs of library entries that were read, by name and content. */
  readonly entries: ReadonlyMap<string, Graph | "reading">;

  /** Labels of the pictures of runs, as far as they were looked at; empty where a run has none. */
  readonly labels: ReadonlyMap<string, readonly number[] | "reading">;

  readonly tabs: readonly Tab[];
  /** The active tab's key; "" is the start page. */
  readonly active: string;
  /** The wish that brought what is in front there: what an earlier one brings later stays behind. */
  readonly front: number;
  /** How often one has come to a level: its view is set each time. */
  readonly arrivals: number;
  readonly copied: Copied | undefined;
  /** The step that the scrubber shows; undefined: the last. */
  readonly step: number | undefined;
  readonly batches: number;
  /** Of runs that were asked for and that the server has not taken yet, the keys of their documents. */
  readonly starting: readonly string[];

  /** What is shown, and what was chosen. */
  readonly theme: Theme;
  readonly themeChoice: ThemeChoice;
  readonly left: "nodes" | "library" | "files" | undefined;
  readonly inspector: boolean;
  readonly strip: boolean;
  /** What is searched for in the list of nodes. */
  readonly search: string;
  /** What is searched for among the examples. */
  readonly exampleSearch: string;
  /** The entry of the library that is being given another name. */
  readonly renaming: string | undefined;
  /** What is searched for among the runs, and how many are listed. */
  readonly runSearch: string;
  readonly runsListed: number;
  readonly overlay: Overlay | undefined;
  /** Why the wire in hand does not fit where the pointer is. */
  readonly tip: { readonly text: string; readonly at: Point } | undefined;
  /** What the pointer is on, in words. */
  readonly hint: { readonly text?: string; readonly problem?: string; readonly at: Point } | undefined;
  readonly notice: Notice | undefined;
  /** The name of the document that is being exported. */
  readonly exporting: string | undefined;
}

export type Transition = (state: State) => State;

/** CSS pixels. Up to these, panels lie over the canvas: `styles/narrow.css`. */
export const narrowWidth = 900;

/** On a wide screen the nodes stand beside the canvas; on a narrow one the canvas comes first. */
export const initialState = (theme: Theme, width: number): State => ({
  ready: false,
  catalogue: catalogueOf([]),
  health: undefined,
  models: [],
  images: [],
  tensors: [],
  examples: [],
  samplers: [],
  entries: new Map(),
  labels: new Map(),
  tabs: [],
  active: "",
  front: 0,
  arrivals: 0,
  copied: undefined,
  step: undefined,
  batches: 1,
  starting: [],
  theme,
  themeChoice: theme,
  left: width >= 1600 ? "nodes" : undefined,
  inspector: width > narrowWidth,
  strip: true,
  search: "",
  exampleSearch: "",
  renaming: undefined,
  runSearch: "",
  runsListed: 60,
  overlay: undefined,
  tip: undefined,
  hint: undefined,
  notice: undefined,
  exporting: undefined,
});

export const put =
  (fields: Partial<State>): Transition =>
  (state) => ({ ...state, ...fields });
