/** The editor's state with what lies beside it: the server, its runs, the canvas; and the transitions that most things end in. */
import type { Graph, GraphDocument, GraphNode } from "../../graphs/document/index.ts";
import type { EditorCanvas } from "../canvas/editor-canvas.ts";
import type { Catalogue } from "../edit/catalogue.ts";
import { redo, undo } from "../edit/history.ts";
import { holderOf, type Level } from "../edit/level.ts";
import type { Api } from "../runs/api.ts";
import type { RunNews, Runs } from "../runs/runs.ts";
import { leftWith, levelInside, wentTo } from "../state/looking.ts";
import { type Notice, put, type State } from "../state/state.ts";
import { Store } from "../state/store.ts";
import { documentOf, editedDocument, editedGraph, newTab, type Tab, withHistory } from "../state/tab.ts";
import { activeTab, added, arrived, closed, graphOf, inActive, shown, tabBy } from "../state/tabs.ts";
import { dismissed, hushed } from "../state/ui.ts";
import { watchedOutput, watching } from "../state/watching.ts";
import type { Surveys } from "./surveys.ts";

/** For a notice of what goes on, which its end replaces: the longest that a timer waits. */
export const untilReplaced = 2 ** 31 - 1;

/** What was read is not gone at once: the pointer may only have slipped. */
const lingersMs = 3000;

export interface Opening extends Partial<Pick<Tab, "key" | "stored">> {
  readonly asked?: number | undefined;
}

export interface EditorOptions {
  readonly api: Api;
  readonly state: State;
  readonly openRuns: (changed: (what: RunNews) => void) => Runs;
}

export class Editor extends Store {
  readonly api: Api;
  readonly runs: Runs;
  /** Once it is on the page. */
  canvas: EditorCanvas | undefined;
  /** Resolves once what was open is open again: what is opened while the page still starts comes after it. */
  begun: Promise<void> = Promise.resolve();
  #asked = 0;
  /** Once the server's nodes are known. */
  surveys: Surveys | undefined;
  #saidUntil = 0;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #isRead = false;

  constructor({ api, state, openRuns }: EditorOptions) {
    super(state);
    this.api = api;
    this.runs = openRuns((what) => this.changed(what.preview ? "preview" : "runs"));
  }

  get tab(): Tab | undefined {
    return activeTab(this.state);
  }
  tabBy(key: string): Tab | undefined {
    return tabBy(this.state, key);
  }
  /** The graph one looks at. */
  get graph(): Graph {
    return graphOf(this.state);
  }
  get catalogue(): Catalogue {
    return this.state.catalogue;
  }
  /** The node that holds the graph one looks at. */
  get holder(): GraphNode | undefined {
    return this.tab && holderOf(documentOf(this.tab), this.tab.level);
  }
  get selection(): ReadonlySet<number> {
    return this.tab?.selection ?? new Set();
  }

  // Documents

  /** Somebody asks for something to be in front, which may take a while: gives the number of the wish. Later ones are greater. */
  ask(): number {
    this.#asked++;
    return this.#asked;
  }
  /** Whether nobody has asked for anything since. */
  isLatest(asked: number): boolean {
    return asked === this.#asked;
  }
  /** Whether what was asked for later is in front already. */
  isOvertaken(asked: number): boolean {
    return asked < this.state.front;
  }

  /** `key`: its identity, where it has one; `stored`: where it comes from; `asked`: the wish that it fulfils, unless one of just now. */
  open(name: string, document: GraphDocument, { key, stored, asked }: Opening = {}): Tab {
    const tab = { ...newTab(name, document, key), ...(stored && { stored }) };
    this.hush();
    this.apply(added(tab));
    this.show(tab.key, asked);
    return tab;
  }
  show(key: string, asked = this.ask()): void {
    if (this.isOvertaken(asked)) return;
    this.#leave();
    this.apply((state) => ({ ...shown(key)(state), front: asked }));
  }
  close(key: string): void {
    this.apply(closed(key));
  }

  /** Edits the graph one looks at. Edits with the same `merge` are one step back. */
  edit(change: (graph: Graph) => Graph, merge?: string): void {
    this.apply(inActive((tab) => editedGraph(tab, change, this.catalogue, merge)));
  }
  editDocument(change: (document: GraphDocument) => GraphDocument): void {
    this.apply(inActive((tab) => editedDocument(tab, change(tab.history.present))));
  }
  undo(): void {
    this.apply(inActive((tab) => withHistory(tab, undo(tab.history))));
  }
  redo(): void {
    this.apply(inActive((tab) => withHistory(tab, redo(tab.history))));
  }
  select(selection: ReadonlySet<number>): void {
    this.apply(inActive((tab) => ({ ...tab, selection })));
  }
  watched(id: number): string | undefined {
    return this.tab && watchedOutput(this.tab, id);
  }
  watch(id: number, output: string): void {
    this.apply(inActive((tab) => watching(tab, id, output)));
  }

  // Levels

  enter(id: number): void {
    const level = this.tab && levelInside(this.tab, id);
    if (level) this.goTo(level);
  }
  goTo(level: Level): void {
    this.#leave();
    this.apply(
      inActive((tab) => wentTo(tab, level)),
      dismissed(),
      arrived,
    );
  }
  /** The view of the level one looks at is kept, unless nobody has chosen it. */
  keepView(): void {
    this.#leave();
  }
  #leave(): void {
    const { canvas } = this;
    if (canvas && this.tab) this.apply(inActive((tab) => leftWith(tab, canvas.isFitted ? undefined : canvas.view)));
  }

  // Words

  /** For a while; what can be acted upon stays longer, and what went wrong until it is closed or something else is said. */
  say(notice: Notice, ms = 6000): void {
    // A card that goes away under the pointer is not told that it was left.
    if (!this.state.notice) this.#isRead = false;
    this.apply(put({ notice }));
    this.#saidUntil = Date.now() + (notice.action ? ms * 2 : ms);
    this.#await();
  }
  /** While somebody reads what is said, it stays; for a moment longer when they leave it. */
  read(isRead: boolean): void {
    this.#isRead = isRead;
    if (!isRead) this.#saidUntil = Math.max(this.#saidUntil, Date.now() + lingersMs);
    this.#await();
  }
  #await(): void {
    clearTimeout(this.#silence);
    const { notice } = this.state;
    if (!notice || notice.bad || this.#isRead) return;
    this.#silence = setTimeout(() => this.apply(hushed(notice)), this.#saidUntil - Date.now());
  }
  hush(): void {
    this.apply(hushed(this.state.notice));
  }
}
