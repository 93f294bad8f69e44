/** All runs the server tells of, the events of those one looks at, and the pictures that came with them. */
import { type GraphDocument, readDocument } from "../../graphs/document/index.ts";
import type { Logged, RunRequest, ServerMessage } from "../../server/protocol.ts";
import type { Api } from "./api.ts";
import { type FilmFrame, Pictures } from "./pictures.ts";
import { hasEnded, type Preview, type RunView, withEvent, withSummary } from "./run-view.ts";
import { type Sheet, sheetFrom } from "./sheet.ts";
import { Events } from "./socket.ts";

/** So many runs the server lists when it is not told how many. */
const listed = 100;
/** Graphs of so many runs are kept. */
const graphsKept = 60;

/** What is known anew: of one run, or of all; and what the server said, where it said something. */
export interface RunNews {
  readonly run?: string;
  readonly event?: Logged;
  readonly preview?: Preview;
}

export class Runs {
  readonly #byId = new Map<string, RunView>();
  #connected = true;
  readonly #pictures = new Pictures();
  /** The one asked for last comes last. */
  readonly #graphs = new Map<string, GraphDocument | "loading" | "failed">();
  readonly #watched = new Map<string, ReadonlySet<string>>();
  /** Runs of which all is known that happened until now. */
  readonly #live = new Set<string>();
  /** Runs whose last pictures were asked for. */
  readonly #asked = new Set<string>();
  readonly events: Events;

  constructor(
    readonly api: Api,
    readonly changed: (what: RunNews) => void,
  ) {
    this.events = new Events(api.server, {
      message: (message) => this.#message(message),
      preview: (preview) => this.#preview(preview),
      connected: (is) => {
        if (is && !this.#connected) void this.load().catch(() => {}); // It went again, and will come again.
        if (is) this.#retry();
        else this.#live.clear();
        this.#connected = is;
        changed({});
      },
      seen: (run) => this.#byId.get(run)?.seq ?? 0,
    });
  }

  get byId(): ReadonlyMap<string, RunView> {
    return this.#byId;
  }
  /** Whether the server's events come. */
  get connected(): boolean {
    return this.#connected;
  }
  /** Newest first. */
  get all(): RunView[] {
    return [...this.#byId.values()].sort((a, b) => b.summary.number - a.summary.number);
  }
  get active(): RunView[] {
    return this.all.filter((run) => !hasEnded(run));
  }

  async load(): Promise<void> {
    const before = [...this.#byId.values()];
    const summaries = await this.api.runs();
    // One that was known and would be among them was removed while nobody was told.
    const told = new Set(summaries.map(({ id }) => id));
    const oldest = summaries.length < listed ? 0 : Math.min(...summaries.map(({ number }) => number));
    for (const { summary } of before)
      if (summary.number >= oldest && !told.has(summary.id)) this.#byId.delete(summary.id);
    for (const summary of summaries) this.#byId.set(summary.id, withSummary(this.#byId.get(summary.id), summary));
    this.changed({});
  }

  /** Those before the oldest that is known; gives whether there were any. */
  async loadOlder(): Promise<boolean> {
    const oldest = this.all.at(-1)?.summary.number;
    const older = oldest === undefined || oldest <= 1 ? [] : await this.api.runs(oldest);
    for (const summary of older) this.#byId.set(summary.id, withSummary(this.#byId.get(summary.id), summary));
    if (older.length > 0) this.changed({});
    return older.length > 0;
  }

  /** It is there no more. */
  forget(id: string): void {
    this.#byId.delete(id);
    this.#live.delete(id);
    this.events.unsubscribe(id);
    this.changed({ run: id });
  }

  follow(id: string): void {
    this.events.subscribe(id);
  }

  /** The graph of a run; undefined until it is loaded, then `changed` is told. One that fails is asked for again later. */
  graph(run: string): GraphDocument | undefined {
    const known = this.#graphs.get(run) ?? "loading";
    const isNew = !this.#graphs.delete(run);
    this.#graphs.set(run, known);
    if (isNew)
      void this.api
        .run(run)
        .then(({ graph, watch }) => this.keepGraph(run, readDocument(graph), watch))
        .catch(() => this.#graphs.set(run, "failed"));
    return typeof known === "string" ? undefined : known;
  }
  /** `watch`: what it was to show beside its graph. */
  keepGraph(run: string, graph: GraphDocument, watch: RunRequest["watch"]): void {
    this.#graphs.delete(run);
    this.#graphs.set(run, graph);
    this.#watched.set(run, new Set(watch.map(({ path, output }) => `${path} ${output}`)));
    for (const old of [...this.#graphs.keys()].slice(0, -graphsKept)) {
      this.#graphs.delete(old);
      this.#watched.delete(old);
    }
    this.changed({ run });
  }

  /** The outputs, "8/3 gradient", that a run was to show, once its graph is known. */
  watched(run: string): ReadonlySet<string> {
    return this.#watched.get(run) ?? new Set();
  }

  /** What could not be loaded is, when it is asked for again. */
  #retry(): void {
    this.#pictures.retry();
    for (const [run, graph] of this.#graphs) if (graph === "failed") this.#graphs.delete(run);
  }

  picture(run: string, path: string): Sheet | undefined {
    return this.#pictures.picture(run, path);
  }
  picturePaths(run: string): readonly string[] {
    return this.#pictures.paths(run);
  }
  film(run: string, path: string): readonly FilmFrame[] {
    return this.#pictures.film(run, path);
  }
  /** What a run showed last; where this page has not seen it, the server is asked for it once. */
  lastPicture(run: string): Sheet | undefined {
    const paths = this.#pictures.paths(run).filter((path) => !path.includes("."));
    if (paths.length > 0) return this.#pictures.picture(run, paths[paths.length - 1]);
    if (!this.#asked.has(run)) {
      this.#asked.add(run);
      this.follow(run);
    }
    return undefined;
  }
  /** The loops of a run that have a film. */
  films(run: string): readonly string[] {
    return this.#pictures.films(run);
  }
  /** A file of a run as a picture: undefined until it is loaded, then `changed` is told. */
  file(run: string, name: string): Sheet | undefined {
    const load = async () => sheetFrom(await createImageBitmap(await this.api.output(run, name)));
    return this.#pictures.file(run, name, load, () => this.changed({ run }));
  }

  #message(message: ServerMessage): void {
    if (message.type === "refused") return;
    if (message.type === "live") {
      this.#live.add(message.run);
      this.#leave(message.run);
      return;
    }
    if (message.type === "summary") {
      const { summary } = message;
      this.#byId.set(summary.id, withSummary(this.#byId.get(summary.id), summary));
      this.changed({ run: summary.id });
      return;
    }
    if (message.type === "removed") {
      this.forget(message.run);
      return;
    }
    const known = this.#byId.get(message.run);
    if (!known) return;
    const isAhead = message.type === "step" || message.type === "batch";
    this.#byId.set(message.run, { ...withEvent(known, message), ...(isAhead && { heardAt: Date.now() }) });
    this.#leave(message.run);
    this.changed({ run: message.run, event: message });
  }

  /** Of a run that is over, all of it seen, nothing more will come. Who looks at it again follows it again. */
  #leave(id: string): void {
    const run = this.#byId.get(id);
    if (!run || !hasEnded(run) || run.seq < run.summary.seq || !this.#live.delete(id)) return;
    this.events.unsubscribe(id);
  }

  #preview(preview: Preview): void {
    this.#pictures.show(preview);
    this.changed({ run: preview.run, preview });
  }
}
