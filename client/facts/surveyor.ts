/** Asks the worker that surveys. */
import type { GraphDocument } from "../../graphs/document/index.ts";
import type { NodeDescription } from "../../nodes/describe.ts";
import type { Server } from "../runs/socket.ts";
import type { FromSurveyor, Surveyed, ToSurveyor } from "./messages.ts";

const openWorker = (): Worker => new Worker(new URL("./survey-worker.ts", import.meta.url), { type: "module" });

/** Where the worker is broken nothing is known, and nothing refused but by the server. */
const nothing: Surveyed = { facts: new Map(), problems: [] };

export class Surveyor {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, (surveyed: Surveyed) => void>();
  #last = 0;
  #isBroken = false;

  constructor(nodes: readonly NodeDescription[], server: Server, open = openWorker) {
    this.#worker = open();
    this.#worker.onmessage = ({ data: { id, ...surveyed } }: MessageEvent<FromSurveyor>) => {
      this.#waiting.get(id)?.(surveyed);
      this.#waiting.delete(id);
    };
    this.#worker.onerror = () => {
      this.#isBroken = true;
      for (const answer of this.#waiting.values()) answer(nothing);
      this.#waiting.clear();
    };
    this.#tell({ is: "open", nodes, server });
  }

  async survey(document: GraphDocument): Promise<Surveyed> {
    if (this.#isBroken) return nothing;
    const id = ++this.#last;
    this.#tell({ is: "survey", id, document });
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  /** What is known of files may have changed. */
  forget(): void {
    this.#tell({ is: "forget" });
  }

  /** Surveys that are under way. */
  get busy(): boolean {
    return this.#waiting.size > 0;
  }

  #tell(message: ToSurveyor): void {
    this.#worker.postMessage(message);
  }
}
