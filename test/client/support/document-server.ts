/** A server's documents, as its routes hold them: each write on its condition, each tag of what is written. */
import type { Api } from "../../../client/runs/api.ts";
import { ApiError } from "../../../client/runs/api.ts";
import { hashText, readDocument } from "../../../graphs/document/index.ts";
import type { DocumentSummary } from "../../../server/protocol.ts";

type Documents = Pick<Api, "graph" | "graphs" | "saveGraph" | "renameGraph">;

export interface Written {
  readonly by: string;
  readonly name: string;
  readonly graph: unknown;
  readonly over: unknown;
}

export interface Way {
  /** Whether its next reply does not come, though what was asked is done. */
  readonly isLost?: () => boolean;
  /** Whether the page that asked is gone: it hears of nothing, and asks for nothing. */
  readonly isGone?: () => boolean;
  /** What becomes of conditions on the way. */
  readonly condition?: (etag: string) => string;
}

const tagOf = (graph: object): string => `"${hashText(JSON.stringify(graph)).slice(0, 32)}"`;

export class DocumentServer {
  readonly #own = new Map<string, object>();
  /** They come with the program, and hide one's own of their name. */
  readonly #examples = new Map<string, object>();
  readonly written: Written[] = [];

  graphOf = (name: string): object | undefined => this.#own.get(name);
  get names(): readonly string[] {
    return [...this.#own.keys()];
  }
  get identities(): readonly (string | undefined)[] {
    return [...this.#own.values()].map((graph) => readDocument(graph).about.id);
  }
  /** Of those that no example hides. */
  get seen(): readonly (string | undefined)[] {
    return this.identities.filter((_, at) => !this.#examples.has(this.names[at]));
  }
  #hasIdentity(graph: object): boolean {
    const { id } = readDocument(graph).about;
    return id !== undefined && this.identities.includes(id);
  }
  remove(name: string): void {
    this.#own.delete(name);
  }
  /** What an update brings. */
  bring(name: string, graph: object): void {
    this.#examples.set(name, graph);
  }

  #list(): DocumentSummary[] {
    const listed = (documents: ReadonlyMap<string, object>, builtIn: boolean) =>
      [...documents].map(([name, graph]) => {
        const { id } = readDocument(graph).about;
        return { name, etag: tagOf(graph), hash: "", builtIn, ...(id !== undefined && { id }) };
      });
    return [...listed(this.#examples, true), ...listed(this.#own, false)];
  }

  /** How a browser sees it. */
  seenBy(by: string, { isLost = () => false, isGone = () => false, condition = (etag) => etag }: Way = {}): Documents {
    const refused = (status: number) => new ApiError(status, [{ message: `Refused: ${status}` }]);
    const asked = async <T>(ask: () => T): Promise<T> => {
      if (isGone()) return new Promise(() => {});
      const reply = ask();
      if (isLost()) throw new TypeError("Failed to fetch");
      await undefined;
      return isGone() ? new Promise(() => {}) : reply;
    };
    const fits = (held: object | undefined, over: string) =>
      held !== undefined && (over === "*" || condition(over) === tagOf(held));
    return {
      graph: (name) =>
        asked(() => {
          const [example, own] = [this.#examples.get(name), this.#own.get(name)];
          if (example) return { graph: example };
          if (!own) throw refused(404);
          return { graph: own, etag: tagOf(own) };
        }),
      graphs: () => asked(() => this.#list()),
      saveGraph: (name, graph, over) =>
        asked(() => {
          const held = this.#own.get(name);
          if (this.#examples.has(name)) throw refused(409);
          if (over === undefined ? held || this.#hasIdentity(graph) : !fits(held, over)) throw refused(412);
          this.written.push({ by, name, graph, over: held });
          this.#own.set(name, graph);
          return tagOf(graph);
        }),
      renameGraph: (name, to, over) =>
        asked(() => {
          const held = this.#own.get(name);
          if (!held) throw refused(this.#examples.has(name) ? 409 : 404);
          if (!fits(held, over)) throw refused(412);
          if (this.#own.has(to) || this.#examples.has(to)) throw refused(409);
          this.#own.delete(name);
          this.#own.set(to, held);
          return tagOf(held);
        }),
    };
  }
}
