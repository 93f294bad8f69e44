/** The editor's state and what changes it. Views read it and are drawn anew, all of them, once a frame after a change. */
import { emptyGraph, type Graph, type GraphDocument, isBorder } from "../../graphs/document/index.ts";
import type { DocumentSummary, ModelSummary } from "../../server/protocol.ts";
import type { EditorCanvas } from "../canvas/editor-canvas.ts";
import { type Catalogue, catalogueOf } from "../edit/catalogue.ts";
import type { Point } from "../edit/graph.ts";
import { edited, redo, undo } from "../edit/history.ts";
import { type Level, withGraphAt } from "../edit/level.ts";
import type { Theme } from "../look/theme.ts";
import { Api, type Health } from "../runs/api.ts";
import { Runs } from "../runs/runs.ts";
import type { Overlay } from "../state/overlay.ts";
import { documentOf, newTab, pathIn, shownGraph, type Tab } from "../state/tab.ts";
import { tellCopy } from "./library.ts";
import type { Surveys } from "./surveys.ts";

export interface Notice {
  readonly text: string;
  readonly more?: string;
  readonly bad?: boolean;
  readonly action?: { readonly label: string; readonly run: () => void };
}

export class Editor {
  readonly api = new Api({
    url: location.origin,
    token: new URLSearchParams(location.search).get("token") ?? undefined,
  });
  readonly runs: Runs;
  catalogue: Catalogue = catalogueOf([]);
  /** What the server has is known, and what was open is open again. */
  ready = false;
  health: Health | undefined;
  models: readonly ModelSummary[] = [];
  images: readonly { id: string }[] = [];
  examples: readonly DocumentSummary[] = [];
  samplers: readonly DocumentSummary[] = [];
  tabs: Tab[] = [];
  /** The active tab's key; "" is the start page. */
  active = "";
  canvas: EditorCanvas | undefined;
  theme: Theme = (localStorage.getItem("guidegraph.theme") as Theme | null) ?? "dark";
  left: "nodes" | "library" | "files" | undefined = innerWidth >= 1600 ? "nodes" : undefined;
  /** On a narrow screen the canvas comes first. */
  inspector = innerWidth > 900;
  strip = true;
  batches = 1;
  search = "";
  /** The entry of the library that is being given another name. */
  renaming: string | undefined;
  overlay: Overlay | undefined;
  tip: { readonly text: string; readonly at: Point } | undefined;
  /** What the pointer is on, in words. */
  hint: { readonly text?: string; readonly problem?: string; readonly at: Point } | undefined;
  surveys: Surveys | undefined;
  notice: Notice | undefined;
  /** The step that the scrubber shows; undefined: the last. */
  step: number | undefined;
  #listeners = new Set<(what: Change) => void>();
  #noticeTimer = 0;

  constructor() {
    this.runs = new Runs(this.api, (what) => this.changed(what.preview ? "preview" : "runs"));
  }

  listen(listener: (what: Change) => void): void {
    this.#listeners.add(listener);
  }
  changed(what: Change = "ui"): void {
    for (const listener of this.#listeners) listener(what);
  }

  async load(): Promise<void> {
    const quiet = <T>(promise: Promise<T>, otherwise: T) => promise.catch(() => otherwise);
    const [nodes, health, models, images, graphs, samplers] = await Promise.all([
      this.api.nodes(),
      this.api.health(),
      quiet(this.api.models(), []),
      quiet(this.api.images(), []),
      quiet(this.api.graphs(), []),
      quiet(this.api.samplers(), []),
      quiet(this.runs.load(), undefined),
    ]);
    this.catalogue = catalogueOf(nodes);
    Object.assign(this, { health, models, images, examples: graphs, samplers });
    this.changed("document");
    void this.#awaitDevice();
  }

  /** Where models are computed is known once the worker has started. */
  async #awaitDevice(): Promise<void> {
    while (this.health?.backend === "starting") {
      await new Promise((resolve) => setTimeout(resolve, 500));
      this.health = (await this.api.health().catch(() => undefined)) ?? this.health;
      this.changed();
    }
  }

  get tab(): Tab | undefined {
    return this.tabs.find(({ key }) => key === this.active);
  }
  /** The graph one looks at. */
  get graph(): Graph {
    return this.tab ? shownGraph(this.tab) : emptyGraph;
  }
  get selection(): ReadonlySet<number> {
    return this.tab?.selection ?? new Set();
  }

  // Documents

  open(name: string, document: GraphDocument, key?: string): Tab {
    this.hush();
    const tab = newTab(name, document, key);
    this.tabs.push(tab);
    this.show(tab.key);
    return tab;
  }
  show(key: string): void {
    this.#leave();
    this.active = key;
    this.overlay = undefined;
    this.step = undefined;
    this.changed("view");
  }
  close(key: string): void {
    const index = this.tabs.findIndex((tab) => tab.key === key);
    this.tabs.splice(index, 1);
    if (this.active === key) this.show(this.tabs[Math.min(index, this.tabs.length - 1)]?.key ?? "");
    else this.changed("document");
  }

  /** Edits the graph one looks at. Edits with the same `merge` are one step back. */
  edit(change: (graph: Graph) => Graph, merge?: string): void {
    const { tab } = this;
    if (!tab) return;
    const graph = shownGraph(tab);
    const next = change(graph);
    if (next === graph) return;
    this.#replace(tab, withGraphAt(documentOf(tab), tab.level, next, this.catalogue), merge);
    tellCopy(this, tab);
  }
  editDocument(change: (document: GraphDocument) => GraphDocument): void {
    if (this.tab) this.#replace(this.tab, change(documentOf(this.tab)));
  }
  #replace(tab: Tab, document: GraphDocument, merge?: string): void {
    tab.history = edited(tab.history, document, merge);
    tab.problems = [];
    const ids = new Set(shownGraph(tab).nodes.map(({ id }) => id));
    if ([...tab.selection].some((id) => !ids.has(id)))
      tab.selection = new Set([...tab.selection].filter((id) => ids.has(id)));
    this.changed("document");
  }
  undo(): void {
    this.#travel(undo);
  }
  redo(): void {
    this.#travel(redo);
  }
  #travel(step: typeof undo): void {
    const { tab } = this;
    if (!tab) return;
    tab.history = step(tab.history);
    const ids = new Set(shownGraph(tab).nodes.map(({ id }) => id));
    tab.selection = new Set([...tab.selection].filter((id) => ids.has(id)));
    this.changed("document");
  }

  select(ids: ReadonlySet<number>): void {
    if (!this.tab) return;
    this.tab.selection = ids;
    this.changed("selection");
  }

  /** The output of a node, on the level one looks at, that is to be seen while its loop runs. */
  watched(id: number): string | undefined {
    const start = this.tab ? `${pathIn(this.tab, id)} ` : "";
    return [...(this.tab?.watched ?? [])].find((one) => one.startsWith(start))?.slice(start.length);
  }
  watch(id: number, output: string): void {
    const { tab } = this;
    if (!tab) return;
    const before = this.watched(id);
    if (before !== undefined) tab.watched.delete(`${pathIn(tab, id)} ${before}`);
    if (before !== output) tab.watched.add(`${pathIn(tab, id)} ${output}`);
    this.changed("document");
  }

  // Levels

  /** Into a node; where its inside is nothing but one other such node, into that. */
  enter(id: number): void {
    const { tab } = this;
    const inner = this.graph.nodes.find((node) => node.id === id)?.inner;
    if (!tab || !inner) return;
    const rest = inner.nodes.filter((node) => !isBorder(node));
    const only = rest.length === 1 && rest[0].inner ? [rest[0].id] : [];
    this.goTo([...tab.level, id, ...only]);
  }
  goTo(level: Level): void {
    const { tab } = this;
    if (!tab) return;
    this.#leave();
    const from = tab.level;
    tab.level = level;
    tab.selection = from.length > level.length ? new Set([from[level.length]]) : new Set();
    this.overlay = undefined;
    this.changed("view");
  }
  #leave(): void {
    if (!this.tab || !this.canvas) return;
    const { views, level } = this.tab;
    if (this.canvas.isFitted) views.delete(level.join("/"));
    else views.set(level.join("/"), this.canvas.view);
  }

  // Words

  say(notice: Notice, ms = 6000): void {
    clearTimeout(this.#noticeTimer);
    this.notice = notice;
    if (!notice.action) this.#noticeTimer = window.setTimeout(() => this.hush(), ms);
    else this.#noticeTimer = window.setTimeout(() => this.hush(), ms * 2);
    this.changed();
  }
  hush(): void {
    this.notice = undefined;
    this.changed();
  }
}

/** What changed: how much must be drawn anew. */
export type Change = "chrome" | "ui" | "selection" | "document" | "view" | "runs" | "preview";
