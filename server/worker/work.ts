/** What a worker does: it answers questions about graphs and files, and runs one graph at a time. */
import type { Subscription } from "rxjs";
import { Cache, type RunEvent } from "../../executor/index.ts";
import { readDocument } from "../../graphs/document/index.ts";
import { formatModelFlags } from "../../onnx/index.ts";
import type { Network } from "../../runtime/index.ts";
import type { FromWorker, Question, Task } from "../channel/messages.ts";
import { failureOf, presentable, problemsOf } from "../channel/problems.ts";
import { checkDocument, type PlannedDocument, planDocument, runDocument } from "../engine/documents.ts";
import type { Engine } from "../engine/engine.ts";
import type { ModelSummary } from "../protocol.ts";
import { commandGraph } from "../sample/pasted.ts";
import { keeper } from "./keep.ts";
import { loopPreviews, shownFrame } from "./previews.ts";

export class Work {
  readonly #engine: Engine;
  readonly #hidden: readonly string[];
  readonly #tell: (message: FromWorker) => void;
  /** What one run computed, the next need not. */
  readonly #cache = new Cache();
  #prepared: { readonly run: string; readonly planned: Promise<PlannedDocument> } | undefined;
  #running: { readonly run: string; subscription?: Subscription } | undefined;

  constructor(engine: Engine, hidden: readonly string[], tell: (message: FromWorker) => void) {
    this.#engine = engine;
    this.#hidden = hidden;
    this.#tell = tell;
  }

  async answer(id: number, question: Question): Promise<void> {
    try {
      this.#tell({ type: "answer", id, value: await this.#look(question) });
    } catch (error) {
      this.#tell({ type: "problems", id, problems: problemsOf(error, this.#hidden) });
    }
  }

  #look(question: Question): Promise<unknown> {
    const { files, networks, images } = this.#engine;
    switch (question.is) {
      case "check":
        return checkDocument(this.#engine, readDocument(question.graph), question.targets).then(() => null);
      case "models":
        return files.list().then((ids) => Promise.all(ids.map((id) => this.#model(id))));
      case "model":
        return networks.open(undefined, { file: question.file, sha256: "", flags: question.flags }).then(summaryOf);
      case "command":
        return commandGraph(this.#engine, question.command);
      case "images":
        return files.listImages();
      case "image":
        return images.facts(question.file);
      case "network":
        return networks.network(question.role, question.file).then(({ facts }) => facts);
    }
  }

  /** A file that cannot be read is told of with the reason: it may only lack flags. */
  #model(id: string): Promise<ModelSummary> {
    const file = { file: id, sha256: "", flags: "" };
    return this.#engine.networks
      .open(undefined, file)
      .then(summaryOf, (error) => ({ id, problem: problemsOf(error, this.#hidden)[0].message }));
  }

  /** Plans a task while another process looks for what is wrong with it: when it is accepted, it can begin. */
  prepare(task: Task): void {
    const planned = this.#plan(task);
    planned.catch(() => {}); // Whoever runs it hears of it.
    this.#prepared = { run: task.run, planned };
  }

  async #plan({ graph, options: { targets } }: Task): Promise<PlannedDocument> {
    return planDocument(this.#engine, readDocument(graph), targets);
  }

  async run(task: Task): Promise<void> {
    const { run: id, folder } = task;
    const { batches, watch: wires } = task.options;
    const prepared = this.#prepared?.run === id ? this.#prepared.planned : undefined;
    this.#prepared = undefined;
    const running: { run: string; subscription?: Subscription } = { run: id };
    this.#running = running;
    try {
      const planned = await (prepared ?? this.#plan(task));
      if (this.#running !== running) return;
      const show = (frame: { of: string; frame: Uint8Array }) => this.#tell({ type: "preview", run: id, ...frame });
      const watch = loopPreviews({ run: id, plan: planned.plan, wires, show });
      const options = { batches, cache: this.#cache, watch };
      const events = runDocument(this.#engine, planned, keeper(folder), options);
      running.subscription = events.subscribe({
        next: (event) => {
          if (event.type === "preview") show(shownFrame(id, event));
          else this.#tell({ type: "event", run: id, event: this.#presentable(event) });
        },
        error: (error) =>
          this.#end(running, { type: "end", run: id, state: "failed", failure: failureOf(error, this.#hidden) }),
        complete: () => this.#end(running, { type: "end", run: id, state: "succeeded" }),
      });
    } catch (error) {
      this.#end(running, { type: "end", run: id, state: "failed", failure: failureOf(error, this.#hidden) });
    }
  }

  /** Heard between two nodes. The model call that is under way, if any, ends by itself. */
  cancel(run: string): void {
    if (this.#running?.run !== run) return;
    const running = this.#running;
    running.subscription?.unsubscribe();
    this.#end(running, { type: "end", run, state: "cancelled" });
  }

  #end(running: object, message: FromWorker): void {
    if (this.#running !== running) return;
    this.#running = undefined;
    this.#tell(message);
  }

  #presentable(event: RunEvent): RunEvent {
    return "message" in event ? { ...event, message: presentable(event.message, this.#hidden) } : event;
  }
}

function summaryOf({ about, facts, role }: Network): ModelSummary {
  const { file, sha256, architecture, presets, flags, parameters } = about;
  return {
    id: file,
    sha256,
    role,
    architecture,
    parameters,
    ...(presets && { presets }),
    flags: formatModelFlags(flags),
    facts,
  };
}
