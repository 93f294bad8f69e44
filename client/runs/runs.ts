/** All runs the server tells of, the events of those one looks at, and the pictures that came with them. */
import { type GraphDocument, readDocument } from "../../graphs/document/index.ts";
import type { Logged, ServerMessage } from "../../server/protocol.ts";
import type { Api } from "./api.ts";
import { hasEnded, type Preview, type RunView, withEvent, withSummary } from "./run-view.ts";
import { type Sheet, sheetOf } from "./sheet.ts";
import { Events } from "./socket.ts";

export interface Frame extends Sheet {
  /** Of a loop: the step, from 0. */
  readonly index: number;
  readonly count: number;
}

/** Films of this many runs are kept. */
const remembered = 12;

/** What is known anew: of one run, or of all; and what the server said, where it said something. */
export interface Change {
  readonly run?: string;
  readonly event?: Logged;
  readonly preview?: Preview;
}

export class Runs {
  readonly byId = new Map<string, RunView>();
  connected = true;
  /** run → path → the last picture there. */
  readonly #pictures = new Map<string, Map<string, Sheet>>();
  readonly #films = new Map<string, Map<string, Frame[]>>();
  readonly #images = new Map<string, Sheet | "loading">();
  readonly #graphs = new Map<string, GraphDocument | "loading">();
  readonly events: Events;

  constructor(
    readonly api: Api,
    readonly changed: (what: Change) => void,
  ) {
    this.events = new Events(api.server, {
      message: (message) => this.#message(message),
      preview: (preview) => this.#preview(preview),
      connected: (is) => {
        if (is && !this.connected) void this.load().catch(() => {}); // It went again, and will come again.
        this.connected = is;
        changed({});
      },
      seen: (run) => this.byId.get(run)?.seq ?? 0,
    });
  }

  /** Newest first. */
  get all(): RunView[] {
    return [...this.byId.values()].sort((a, b) => b.summary.number - a.summary.number);
  }
  get active(): RunView[] {
    return this.all.filter((run) => !hasEnded(run));
  }

  async load(): Promise<void> {
    for (const summary of await this.api.runs())
      this.byId.set(summary.id, withSummary(this.byId.get(summary.id), summary));
    this.changed({});
  }

  follow(id: string): void {
    this.events.subscribe(id);
  }

  /** The graph of a run; undefined until it is loaded, then `changed` is told. */
  graph(run: string): GraphDocument | undefined {
    const known = this.#graphs.get(run);
    if (known === undefined) {
      this.#graphs.set(run, "loading");
      void this.api.run(run).then(
        ({ graph }) => this.keepGraph(run, readDocument(graph)),
        () => undefined,
      );
    }
    return known === "loading" ? undefined : known;
  }
  keepGraph(run: string, graph: GraphDocument): void {
    this.#graphs.set(run, graph);
    this.changed({ run });
  }

  picture(run: string, path: string): Sheet | undefined {
    return this.#pictures.get(run)?.get(path);
  }

  picturePaths(run: string): readonly string[] {
    return [...(this.#pictures.get(run)?.keys() ?? [])];
  }

  film(run: string, path: string): readonly Frame[] {
    return this.#films.get(run)?.get(path) ?? [];
  }

  /** The loops of a run that have a film. */
  films(run: string): readonly string[] {
    return [...(this.#films.get(run)?.keys() ?? [])];
  }

  /** A file of a run as a picture: undefined until it is loaded, then `changed` is told. */
  file(run: string, name: string): Sheet | undefined {
    const url = this.api.outputUrl(run, name);
    const known = this.#images.get(url);
    if (known) return known === "loading" ? undefined : known;
    this.#images.set(url, "loading");
    void this.api
      .output(run, name)
      .then(createImageBitmap)
      .then(
        (image) => {
          const canvas = document.createElement("canvas");
          canvas.width = image.width;
          canvas.height = image.height;
          canvas.getContext("2d")?.drawImage(image, 0, 0);
          this.#images.set(url, { image: canvas, width: canvas.width, height: canvas.height, cell: canvas.width });
          this.changed({ run });
        },
        () => undefined,
      );
    return undefined;
  }

  #message(message: ServerMessage): void {
    if (message.type === "live" || message.type === "refused") return;
    if (message.type === "summary") {
      const { summary } = message;
      this.byId.set(summary.id, withSummary(this.byId.get(summary.id), summary));
      this.changed({ run: summary.id });
      return;
    }
    const known = this.byId.get(message.run);
    if (!known) return;
    this.byId.set(message.run, withEvent(known, message));
    this.changed({ run: message.run, event: message });
  }

  #preview(preview: Preview): void {
    const { run, path, output, index, count, dims, pictures } = preview;
    const sheet = sheetOf(dims, pictures);
    const key = output === undefined ? path : `${path}.${output}`;
    mapAt(this.#pictures, run).set(key, sheet);
    if (index !== undefined) {
      const films = mapAt(this.#films, run);
      const film = (films.get(key) ?? []).filter((frame) => frame.index < index);
      films.set(key, [...film, { ...sheet, index, count: count ?? index + 1 }]);
    }
    for (const old of [...this.#films.keys()].slice(0, -remembered)) {
      this.#films.delete(old);
      this.#pictures.delete(old);
    }
    this.changed({ run, preview });
  }
}

function mapAt<V>(maps: Map<string, Map<string, V>>, key: string): Map<string, V> {
  const map = maps.get(key) ?? new Map<string, V>();
  maps.set(key, map);
  return map;
}
