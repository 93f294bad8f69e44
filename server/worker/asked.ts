/**
 * What a run asks of the server while it draws: which batch comes next, and how a file is called, since others may draw
 * batches of it too. What it has done it tells.
 */
import type { BatchEvent } from "../../executor/index.ts";
import type { FromWorker, Next, ToWorker } from "../channel/messages.ts";
import type { Kept, SavedFile } from "../files/journal-lines.ts";
import type { OutputFolder } from "../files/output-folder.ts";

export type Answer = Extract<ToWorker, { readonly type: "next" | "chosen" }>;

/** What planning tells of a run: whether others may draw batches of it, where they come to the same identity. */
type Planned = Pick<Extract<FromWorker, { readonly type: "next" }>, "canSpread" | "identity" | "pictures">;

const nothing: Kept = { spools: {}, numbers: {}, gathered: {} };

export class Asked {
  readonly #run: string;
  readonly #tell: (message: FromWorker) => void;
  readonly #chosen = new Map<string, (is: string | number) => void>();
  #next: (is: Next) => void = () => {};
  #kept: { readonly saved: readonly SavedFile[]; readonly kept: Kept } = { saved: [], kept: nothing };
  /** All batches are done: what is made now ends the run. */
  isLast = false;

  constructor(run: string, tell: (message: FromWorker) => void) {
    this.#run = run;
    this.#tell = tell;
  }

  async next(files: OutputFolder, planned: Planned): Promise<number | "end" | undefined> {
    const next = await new Promise<Next>((resolve) => {
      this.#next = resolve;
      this.#tell({ type: "next", run: this.#run, ...planned });
    });
    if (typeof next === "number") return next;
    if (next === "leave" || !("end" in next)) return undefined;
    this.isLast = true;
    for (const [path, what] of Object.entries(next.end.gathered)) files.gathered.set(path, what);
    return "end";
  }

  choose = <T extends string | number>(name: string, is: T): Promise<T> =>
    new Promise((resolve) => {
      this.#chosen.set(name, (chosen) => resolve(chosen as T));
      this.#tell({ type: "choose", run: this.#run, name, is });
    });

  /** What is on the disk of the batch that is told of next. */
  async keep(saved: readonly SavedFile[], kept: Kept): Promise<void> {
    this.#kept = { saved, kept };
  }

  done({ index, count, type: _, ...took }: BatchEvent): void {
    const { saved, kept } = this.#kept;
    this.#tell({ type: "done", run: this.#run, batch: index, of: count, ...took, saved: [...saved], kept });
  }

  hear(message: Answer): void {
    if (message.type === "next") this.#next(message.is);
    else this.#chosen.get(message.name)?.(message.is);
  }
}
