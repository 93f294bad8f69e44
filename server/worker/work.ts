/** What a worker does: it answers questions about graphs and files, and runs one graph at a time. */
import type { Subscription } from "rxjs";
import { Cache, type Plan, plan, type RunEvent, run, type World } from "../../executor/index.ts";
import { type GraphDocument, readDocument, withPins, writeDocument } from "../../graphs/document/index.ts";
import type { Registry } from "../../nodes/index.ts";
import { formatModelFlags } from "../../onnx/index.ts";
import { modelsOf, type Network, type Provider, runOutputs, withKnown } from "../../runtime/index.ts";
import { type Engine, engine } from "../cli/engine.ts";
import { registryWith } from "../cli/nodes.ts";
import type { ModelSummary } from "../protocol.ts";
import { commandGraph } from "./command-graph.ts";
import { keeper } from "./keep.ts";
import type { FromWorker, Question, Task, WorkerOptions } from "./messages.ts";
import { loopPreviews, shownFrame } from "./previews.ts";
import { failureOf, presentable, problemsOf } from "./problems.ts";

/** What is run, and how. */
interface Planned {
  readonly document: GraphDocument;
  readonly planned: Plan;
}

export class Work {
  readonly #engine: Engine;
  readonly #registry: Registry;
  readonly #hidden: readonly string[];
  readonly #tell: (message: FromWorker) => void;
  /** What one run computed, the next need not. */
  readonly #cache = new Cache();
  /** One for all runs: a classifier from the cache must be known to whoever differentiates it. */
  readonly #models: World["models"];
  #prepared: { readonly run: string; readonly planned: Promise<Planned> } | undefined;
  #running: { readonly run: string; subscription?: Subscription } | undefined;

  private constructor(
    engine: Engine,
    registry: Registry,
    hidden: readonly string[],
    tell: (message: FromWorker) => void,
  ) {
    this.#engine = engine;
    this.#registry = registry;
    this.#hidden = hidden;
    this.#tell = tell;
    this.#models = modelsOf(engine.networks);
  }

  /** `provider` is asked for when something is to run. */
  static async open(
    options: WorkerOptions,
    provider: () => Promise<Provider>,
    tell: (message: FromWorker) => void,
  ): Promise<Work> {
    const { models, images, cache, nodes, hidden } = options;
    const say = (line: string) => tell({ type: "say", line: presentable(line, hidden) });
    const registry = await registryWith(nodes);
    return new Work(engine({ models, images, cache, environment: process.env, provider, say }), registry, hidden, tell);
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
      case "check": {
        const document = readDocument(question.graph);
        const { targets } = question;
        return withKnown(networks, images, (known) => plan(document, this.#registry, known, targets)).then(() => null);
      }
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

  async #plan({ graph, options: { targets } }: Task): Promise<Planned> {
    const { networks, images } = this.#engine;
    const document = await withPins(readDocument(graph), this.#registry, (file) => networks.sha256(file));
    const planned = await withKnown(networks, images, (known) => plan(document, this.#registry, known, targets));
    return { document, planned };
  }

  async run(task: Task): Promise<void> {
    const { run: id, options, folder } = task;
    const { images } = this.#engine;
    const { batches, watch: wires } = options;
    const prepared = this.#prepared?.run === id ? this.#prepared.planned : undefined;
    this.#prepared = undefined;
    const running: { run: string; subscription?: Subscription } = { run: id };
    this.#running = running;
    try {
      const { document, planned } = await (prepared ?? this.#plan(task));
      if (this.#running !== running) return;
      const outputs = runOutputs(keeper(folder), JSON.stringify(writeDocument(document)));
      const show = (frame: { of: string; frame: Uint8Array }) => this.#tell({ type: "preview", run: id, ...frame });
      const watch = loopPreviews({ run: id, plan: planned, wires, show });
      const events = run(planned, { models: this.#models, images, outputs }, { batches, cache: this.#cache, watch });
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
