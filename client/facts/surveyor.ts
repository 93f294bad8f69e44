/** Asks the worker that surveys. */
import type { GraphDocument } from "../../graphs/document/index.ts";
import type { NodeDescription } from "../../nodes/describe.ts";
import type { Server } from "../runs/socket.ts";
import type { FromSurveyor, Surveyed, ToSurveyor } from "./messages.ts";

export class Surveyor {
  readonly #worker = new Worker(new URL("./survey-worker.ts", import.meta.url), { type: "module" });
  readonly #waiting = new Map<number, (surveyed: Surveyed) => void>();
  #last = 0;

  constructor(nodes: readonly NodeDescription[], server: Server) {
    this.#worker.onmessage = ({ data: { id, ...surveyed } }: MessageEvent<FromSurveyor>) => {
      this.#waiting.get(id)?.(surveyed);
      this.#waiting.delete(id);
    };
    this.#tell({ is: "open", nodes, server });
  }

  survey(document: GraphDocument): Promise<Surveyed> {
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
