/** A server's documents, as its routes hold them: each write on its condition. */
import type { Api } from "../../../client/runs/api.ts";
import { ApiError } from "../../../client/runs/api.ts";

type Documents = Pick<Api, "graph" | "graphs" | "saveGraph" | "renameGraph">;

export interface Written {
  readonly by: string;
  readonly name: string;
  readonly graph: unknown;
  readonly over: unknown;
}

export class DocumentServer {
  readonly #held = new Map<string, { readonly graph: object; readonly etag: string }>();
  #count = 0;
  readonly written: Written[] = [];

  graphOf = (name: string): object | undefined => this.#held.get(name)?.graph;
  get names(): readonly string[] {
    return [...this.#held.keys()];
  }
  remove(name: string): void {
    this.#held.delete(name);
  }

  /** How a browser sees it. `isLost`: whether its next reply does not come, though what was asked is done. */
  seenBy(by: string, isLost: () => boolean = () => false): Documents {
    const refused = (status: number) => new ApiError(status, [{ message: `Refused: ${status}` }]);
    const replied = <T>(reply: T): T => {
      if (isLost()) throw new TypeError("Failed to fetch");
      return reply;
    };
    const hold = (name: string, graph: object) => {
      const etag = `"${++this.#count}"`;
      this.#held.set(name, { graph, etag });
      return etag;
    };
    return {
      graph: async (name) => {
        const held = this.#held.get(name);
        if (!held) throw refused(404);
        return replied(held);
      },
      graphs: async () => [],
      saveGraph: async (name, graph, over) => {
        const held = this.#held.get(name);
        if (over === undefined ? held : held?.etag !== over) throw refused(412);
        this.written.push({ by, name, graph, over: held?.graph });
        return replied(hold(name, graph));
      },
      renameGraph: async (name, to, over) => {
        const held = this.#held.get(name);
        if (!held) throw refused(404);
        if (held.etag !== over) throw refused(412);
        if (this.#held.has(to)) throw refused(409);
        this.#held.delete(name);
        return replied(hold(to, held.graph));
      },
    };
  }
}
