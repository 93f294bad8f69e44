/** `connect(graph, url, token)`: runs the host's graph on a server, and shows in its nodes what the run says. */
import type { Logged, Problem, RunRequest, RunSummary } from "../../server/protocol.ts";
import { Api, ApiError } from "../runs/api.ts";
import { hasEnded, type Preview } from "../runs/run-view.ts";
import { Runs } from "../runs/runs.ts";
import type { GraphOfPage, HostGraph } from "./host.ts";
import { nodesIn, picturesIn, showProblems, showRun } from "./paint.ts";
import { knownFiles } from "./register.ts";

/** What POST /api/runs takes beside the graph. */
export type RunOptions = Partial<Pick<RunRequest, "batches" | "set" | "targets" | "watch" | "first">>;

/** A server that was asked and does not answer, or does not answer this page. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

/** As many wires as a server shows of one run. */
const maxWatched = 32;

interface Waiting {
  resolve(summary: RunSummary): void;
  reject(error: Error): void;
}

/**
 * A graph of the host and the server that runs it. The functions `on…` are the page's to set, as litegraph's own are.
 * A lost connection is found again by itself, and goes on after the last event seen.
 */
export class Connection {
  /** An event of the run in sight, numbered by the server: states of nodes, steps, files. */
  onEvent: ((event: Logged) => void) | undefined;
  /** A picture of a step or of a node: bytes and their dims. */
  onPreview: ((preview: Preview) => void) | undefined;
  /** The connection stands, or is lost; it is then looked for until `close`. */
  onConnected: ((is: boolean) => void) | undefined;
  /** The server cannot be reached, or refused the graph. Without it, these go to the console. */
  onProblems: ((problems: readonly Problem[]) => void) | undefined;
  /** What of a graph that was accepted may not be meant, such as equal draws; its nodes show it too. */
  onNotes: ((notes: readonly Problem[]) => void) | undefined;

  readonly #graph: HostGraph;
  readonly #api: Api;
  readonly #runs: Runs;
  readonly #waiting = new Map<string, Waiting>();
  /** The run in sight, and what of it may not be meant. */
  #run: string | undefined;
  #notes: readonly Problem[] = [];
  /** Why nothing can be run any more. */
  #ended: Error | undefined;

  constructor(graph: GraphOfPage, url: string, token?: string) {
    this.#graph = graph as HostGraph;
    this.#api = new Api({ url, token });
    this.#runs = new Runs(this.#api, ({ run, event, preview }) => {
      if (run === undefined) this.#connected();
      else this.#changed(run, event, preview);
    });
    void this.#reach(this.#api.health()).catch((error: Error) => {
      // Who is refused by name need not knock again every second; a server that is not well may recover.
      if (error instanceof ApiError && error.status < 500) this.#end(error);
      this.#tell([{ message: error.message }]);
    });
  }

  /**
   * Sends the graph as it is now, and shows the run in its nodes. Resolves when the run has ended, with what became of it
   * (`state`, `failure`, `outputs`). Rejects when the server cannot be reached and, with an ApiError whose `errors` name
   * nodes and ports, when it refuses the graph: those nodes are marked.
   */
  async run(options: RunOptions = {}): Promise<RunSummary> {
    try {
      if (this.#ended) throw this.#ended;
      const watch = [...(options.watch ?? []), ...picturesIn(this.#graph)].slice(0, maxWatched);
      const asked = { ...options, watch, graph: this.#graph.serialize() };
      const { id, notes = [] } = await this.#reach(this.#api.start(asked));
      await this.#see(id, notes);
      if (notes.length > 0) this.onNotes?.(notes);
      if (this.#ended) throw this.#ended;
      return await new Promise<RunSummary>((resolve, reject) => {
        this.#waiting.set(id, { resolve, reject });
        this.#changed(id);
      });
    } catch (error) {
      if (error instanceof ApiError) {
        showProblems(this.#graph, error.errors);
        this.onProblems?.(error.errors);
      }
      throw error;
    }
  }

  /** Shows a run of the server, whoever started it, from its first event on. */
  follow(id: string): Promise<void> {
    return this.#see(id, id === this.#run ? this.#notes : []);
  }

  async #see(id: string, notes: readonly Problem[]): Promise<void> {
    if (!this.#runs.byId.has(id)) await this.#reach(this.#runs.load());
    this.#run = id;
    this.#notes = notes;
    this.#runs.follow(id);
    this.#changed(id);
  }

  /** Ends the run in sight. */
  async cancel(): Promise<void> {
    if (this.#run !== undefined) await this.#reach(this.#api.cancel(this.#run));
  }

  /** A file that a run wrote, by its name in `outputs`. */
  file(run: string, name: string): Promise<Blob> {
    return this.#reach(this.#api.output(run, name));
  }

  /** Ends the connection, not the run. */
  close(): void {
    this.#end(new Error("The connection is closed; what runs goes on"));
  }

  #end(why: Error): void {
    this.#ended ??= why;
    this.#runs.events.close();
    for (const { reject } of this.#waiting.values()) reject(why);
    this.#waiting.clear();
  }

  #changed(id: string, event?: Logged, preview?: Preview): void {
    const run = this.#runs.byId.get(id);
    if (id === this.#run && run) {
      showRun(this.#graph, this.#runs, run, this.#notes);
      if (event) this.onEvent?.(event);
      if (preview) this.onPreview?.(preview);
    }
    const waiting = run && hasEnded(run) ? this.#waiting.get(id) : undefined;
    if (!run || !waiting) return;
    this.#waiting.delete(id);
    waiting.resolve(run.summary);
  }

  #isConnected = false;
  #connected(): void {
    const is = this.#runs.connected;
    if (is === this.#isConnected) return;
    this.#isConnected = is;
    if (is) void this.#loadFiles().catch(() => undefined);
    this.onConnected?.(is);
  }

  /** What file parameters may name. */
  async #loadFiles(): Promise<void> {
    const [models, images, tensors] = await Promise.all([this.#api.models(), this.#api.images(), this.#api.tensors()]);
    knownFiles.model = models.map(({ id }) => id);
    knownFiles.image = images.map(({ id }) => id);
    knownFiles.tensor = tensors.map(({ id }) => id);
    for (const [, node] of nodesIn(this.#graph)) node.follow();
    this.#graph.setDirtyCanvas(true);
  }

  /** A browser does not tell a page why a server of another origin did not answer it. */
  async #reach<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      const { url } = this.#api.server;
      throw new Unreachable(`Cannot reach ${url}: start it with guidegraph serve --allow-origin ${location.origin}`);
    }
  }

  #tell(problems: readonly Problem[]): void {
    if (this.onProblems) this.onProblems(problems);
    else for (const { message } of problems) console.error(message);
  }
}

/**
 * Connects a graph with nodes of `register` to a GuideGraph server, such as "http://127.0.0.1:8188", which must let the
 * page in (`guidegraph serve --allow-origin`). `token`: what the server was started with.
 */
export const connect = (graph: GraphOfPage, url: string, token?: string): Connection =>
  new Connection(graph, url, token);
