/**
 * Graphs as ONNX, one at a time, each in a process of its own that ends with it: to build, write and load networks takes
 * minutes and gigabytes, for which nobody's run and nobody's look at a file may wait.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { Subject } from "rxjs";
import type { GraphDocument } from "../../graphs/document/index.ts";
import { textInTurns } from "../documents/in-turns.ts";
import type { Ballast } from "../files/ballast.ts";
import { diskFull } from "../files/disk-full.ts";
import type { Say } from "../log/say.ts";
import { Refusal } from "../refusal.ts";
import { Overwhelmed } from "../supervisor/asked.ts";
import type { Worker } from "../supervisor/worker.ts";
import { outcomeOf } from "./planner.ts";
import type { Quarantine } from "./quarantine.ts";

export interface ExporterOptions {
  /** Starts a process that is asked once. */
  readonly start: () => Pick<Worker, "ask" | "close">;
  /** Each export has a folder below it, until it is removed. */
  readonly folder: string;
  readonly quarantine: Pick<Quarantine, "problem" | "noteGraph">;
  /** Knows whether the disk is full; how much an export takes, it looks itself. */
  readonly ballast: Pick<Ballast, "hasRoom">;
  readonly say: Say;
}

export interface ExportedFiles {
  readonly folder: string;
  /** The manifest's last. */
  readonly names: readonly string[];
  remove(): Promise<void>;
}

/** Exports that are there and not fetched; each may be gigabytes, and whoever fetches one may take a byte now and then. */
const maxUnfetched = 4;

/** What became of an export. `left`: whoever asked went before it was there. */
export interface AskedExport {
  readonly outcome: "written" | "refused" | "held" | "busy" | "left" | "given up" | Overwhelmed["by"];
  readonly ms: number;
}

export class Exporter {
  /** Every export that was asked for, when it is known what became of it. */
  readonly asked = new Subject<AskedExport>();
  readonly #options: ExporterOptions;
  #isBusy = false;
  #unfetched = 0;
  #process: Pick<Worker, "close"> | undefined;

  constructor(options: ExporterOptions) {
    this.#options = options;
  }

  /**
   * Whoever asked removes the files. Throws a Refusal: what is wrong with it, that it is held, that another is exported or too
   * many are not fetched, that there is no room, or that the process ended of it. When `signal` aborts, the process ends, and its reason is thrown.
   */
  async export(document: GraphDocument, signal: AbortSignal): Promise<ExportedFiles> {
    const came = performance.now();
    const tell = (outcome: AskedExport["outcome"]) => this.asked.next({ outcome, ms: performance.now() - came });
    let isBusy = false;
    try {
      this.#expectAllowed(document);
      isBusy = this.#isBusy || this.#unfetched >= maxUnfetched;
      const files = await this.#export(document, signal);
      tell("written");
      return files;
    } catch (error) {
      tell(signal.aborted ? "left" : isBusy ? "busy" : outcomeOf(error));
      throw error;
    }
  }

  #expectAllowed(document: GraphDocument): void {
    const held = this.#options.quarantine.problem(document);
    if (held) throw new Refusal("taken", [held]);
  }

  async #export(document: GraphDocument, signal: AbortSignal): Promise<ExportedFiles> {
    const { ballast } = this.#options;
    if (this.#isBusy) throw new Refusal("unavailable", "Another graph is being exported: try again when that is done");
    if (this.#unfetched >= maxUnfetched)
      throw new Refusal("unavailable", `${maxUnfetched} exports are being fetched: try again when one of them is`);
    this.#isBusy = true;
    try {
      if (!(await ballast.hasRoom())) throw new Refusal("disk full", diskFull);
      return await this.#written(document, signal);
    } finally {
      this.#isBusy = false;
    }
  }

  async #written(document: GraphDocument, signal: AbortSignal): Promise<ExportedFiles> {
    const folder = await mkdtemp(join(this.#options.folder, "export-"));
    this.#unfetched++;
    const remove = () =>
      rm(folder, { recursive: true, force: true }).finally(() => {
        this.#unfetched--;
      });
    try {
      return { folder, names: await this.#ask(document, folder, signal), remove };
    } catch (error) {
      await remove();
      throw error;
    }
  }

  async #ask(document: GraphDocument, folder: string, signal: AbortSignal): Promise<readonly string[]> {
    signal.throwIfAborted();
    const { start, quarantine, say } = this.#options;
    const process = start();
    this.#process = process;
    const end = () => void process.close();
    signal.addEventListener("abort", end);
    try {
      return await process.ask("export", { graph: await textInTurns(document), folder });
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof Overwhelmed) {
        say(error.message, { level: "warn" });
        quarantine.noteGraph(document, error.how);
      }
      throw error;
    } finally {
      signal.removeEventListener("abort", end);
      // Before its folder goes.
      await process.close();
      this.#process = undefined;
    }
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    await this.#process?.close();
  }
}
