/**
 * Looks at graphs and files, in a process of its own that what it looks at may end. Files that ended it as often as a
 * crashing model may are held: nobody waits for them again until somebody allows them.
 */
import { Subject } from "rxjs";
import { readDocument } from "../../graphs/document/index.ts";
import { type Ask, type Question, type Reply, rowOf } from "../channel/questions.ts";
import type { Say } from "../log/say.ts";
import type { ModelSummary, Stuck } from "../protocol.ts";
import { Refusal } from "../refusal.ts";
import { Overwhelmed, type Undone } from "../supervisor/asked.ts";
import type { Worker } from "../supervisor/worker.ts";
import type { Quarantine } from "./quarantine.ts";

/** What became of a question: answered, refused with what is wrong, not asked as the file is held, or what ended the process. */
export interface AskedQuestion {
  readonly question: Question;
  readonly outcome: "answered" | "refused" | "held" | "given up" | Overwhelmed["by"];
  readonly ms: number;
}

export class Planner {
  /** Every question, when it is known what became of it. */
  readonly asked = new Subject<AskedQuestion>();
  readonly #worker: Worker;
  readonly #quarantine: Quarantine;
  readonly #say: Say;

  constructor(worker: Worker, quarantine: Quarantine, say: Say) {
    this.#worker = worker;
    this.#quarantine = quarantine;
    this.#say = say;
    // Whoever asked may have gone since: that changes nothing for those who ask next.
    worker.undone.subscribe((undone) => this.#note(undone));
  }

  /** Throws a Refusal: what is wrong with it, that it is held, or that the process ended of it. `leaving`: nobody waits for it any more. */
  async ask<Q extends Question>(question: Q, ask: Ask<Q>, leaving?: AbortSignal): Promise<Reply<Q>> {
    const came = performance.now();
    const tell = (outcome: AskedQuestion["outcome"]) =>
      this.asked.next({ question, outcome, ms: performance.now() - came });
    try {
      const reply = await this.#ask(question, ask, leaving);
      tell("answered");
      return reply;
    } catch (error) {
      tell(outcomeOf(error));
      throw error;
    }
  }

  async #ask<Q extends Question>(question: Q, ask: Ask<Q>, leaving: AbortSignal | undefined): Promise<Reply<Q>> {
    const file = rowOf(question).file?.(ask);
    const held = file === undefined ? undefined : this.#quarantine.problemOf(file);
    if (held) throw new Refusal("taken", [held]);
    return this.#worker.ask(question, ask, leaving);
  }

  #note({ question, ask, why }: Undone): void {
    const file = rowOf(question).file?.(ask as never);
    this.#say(file === undefined ? why.message : `${why.message}: "${file}"`, { level: "warn" });
    if (file !== undefined) this.#quarantine.noteFile(file, why.how);
    else if (question === "check") {
      const { graph } = ask as Ask<"check">;
      this.#quarantine.noteGraph(readDocument(JSON.parse(graph)), why.how);
    }
  }

  /** What is known of every model that graphs may name. One that cannot be read, or looked at, is told of with the reason. */
  async models(leaving?: AbortSignal): Promise<readonly ModelSummary[]> {
    const models: ModelSummary[] = [];
    // One after the other: who asks something meanwhile need not wait for the whole list.
    for (const id of await this.ask("models", null, leaving)) models.push(await this.#model(id, leaving));
    return models;
  }

  /** It may only lack flags. */
  async #model(id: string, leaving: AbortSignal | undefined): Promise<ModelSummary> {
    try {
      return await this.ask("model", { file: id, flags: "" }, leaving);
    } catch (error) {
      if (error instanceof Refusal) return { id, problem: error.problems[0].message };
      throw error;
    }
  }

  /** The process that is asked. */
  get process(): Pick<Worker, "name" | "called" | "state" | "pauseMs" | "pid" | "restarts" | "waiting"> {
    return this.#worker;
  }

  /** What is looked at for long now. */
  get stuck(): Stuck | undefined {
    return this.#worker.stuck;
  }
}

/** What became of a question that was answered so. */
export function outcomeOf(error: unknown): Exclude<AskedQuestion["outcome"], "answered"> {
  if (error instanceof Overwhelmed) return error.by;
  if (!(error instanceof Refusal) || error.reason === "unavailable") return "given up";
  return error.reason === "taken" ? "held" : "refused";
}
