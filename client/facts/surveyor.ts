/** Asks the worker that surveys. One that hangs or breaks in a document is replaced, and that document given up. */
import type { GraphDocument } from "../../graphs/document/index.ts";
import type { NodeDescription } from "../../nodes/describe.ts";
import type { Server } from "../runs/server.ts";
import type { FromSurveyor, Surveyed, ToSurveyor } from "./messages.ts";

const openWorker = (): Worker => new Worker(new URL("./survey-worker.ts", import.meta.url), { type: "module" });

/** A graph of hundreds of nodes takes a tenth of a second. */
const deafMs = 10_000;

/** Where there is no worker nothing is known, and nothing refused but by the server. */
const nothing: Surveyed = { facts: new Map(), problems: [] };

export class Surveyor {
  readonly #nodes: readonly NodeDescription[];
  readonly #server: Server;
  readonly #open: () => Worker;
  readonly #waiting = new Map<number, (surveyed: Surveyed) => void>();
  #worker: Worker;
  #deaf: ReturnType<typeof setTimeout> | undefined;
  #last = 0;
  #cannotStart = false;

  constructor(nodes: readonly NodeDescription[], server: Server, open = openWorker) {
    this.#nodes = nodes;
    this.#server = server;
    this.#open = open;
    this.#worker = this.#start();
  }

  async survey(document: GraphDocument): Promise<Surveyed> {
    if (this.#cannotStart) return { ...nothing, broke: true };
    const id = ++this.#last;
    this.#tell({ is: "survey", id, document });
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#deaf ??= setTimeout(() => this.#replace({ ...nothing, hung: true }), deafMs);
    });
  }

  /** What is known of files may have changed. */
  forget(): void {
    this.#tell({ is: "forget" });
  }

  /** Surveys that are under way. */
  get busy(): boolean {
    return this.#waiting.size > 0;
  }

  #start(): Worker {
    const worker = this.#open();
    let wasHeard = false;
    worker.onmessage = ({ data }: MessageEvent<FromSurveyor>) => {
      wasHeard = true;
      this.#rest();
      if (data.is === "surveyed") {
        const { is: _, id, ...surveyed } = data;
        this.#waiting.get(id)?.(surveyed);
        this.#waiting.delete(id);
      }
      if (this.busy) this.#deaf = setTimeout(() => this.#replace({ ...nothing, hung: true }), deafMs);
    };
    // One that never said anything does not start here at all; another would not either.
    worker.onerror = () => {
      this.#cannotStart = !wasHeard;
      if (wasHeard) this.#replace({ ...nothing, broke: true });
      else this.#answerAll({ ...nothing, broke: true });
    };
    worker.postMessage({ is: "open", nodes: this.#nodes, server: this.#server } satisfies ToSurveyor);
    return worker;
  }

  #replace(surveyed: Surveyed): void {
    this.#worker.terminate();
    this.#worker = this.#start();
    this.#answerAll(surveyed);
  }

  #answerAll(surveyed: Surveyed): void {
    this.#rest();
    const all = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const answer of all) answer(surveyed);
  }

  #rest(): void {
    clearTimeout(this.#deaf);
    this.#deaf = undefined;
  }

  #tell(message: ToSurveyor): void {
    this.#worker.postMessage(message);
  }
}
