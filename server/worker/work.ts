/** What a worker does: it answers questions about graphs and files, and runs one graph at a time. */
import type { Subscription } from "rxjs";
import { bytesOf, type RunEvent, type Values } from "../../executor/index.ts";
import { readDocument } from "../../graphs/document/index.ts";
import { BoundedCache } from "../../runtime/index.ts";
import {
  type FromWorker,
  maxMessageBytes,
  type PreviewMessage,
  type Task,
  type WorkerOptions,
} from "../channel/messages.ts";
import { failureOf, OtherMachine, presentable, presentableProblems } from "../channel/problems.ts";
import type { Question } from "../channel/questions.ts";
import { isWithin } from "../channel/size.ts";
import { OtherPrecision, type PlannedDocument, planDocument, runDocument } from "../engine/documents.ts";
import type { Engine } from "../engine/engine.ts";
import { identityOf, picturesPerBatch, whyAlone } from "../engine/samples.ts";
import { fullText, isDiskFull } from "../files/disk-full.ts";
import type { SavedFile } from "../files/journal-lines.ts";
import { OutputFolder } from "../files/output-folder.ts";
import { packageVersion } from "../files/package-root.ts";
import { type Answers, answer, answersOf } from "./answers.ts";
import { type Answer, Asked } from "./asked.ts";
import { growth } from "./growth.ts";
import { loopPreviews, shownFrame } from "./previews.ts";
import { thinnedSteps } from "./thinned-steps.ts";

/** So often it says that it hears, while it looks at something. */
const beatMs = 500;

const otherPictures =
  "The files that the graph names, or --precision, are others on this machine than on the server: it would draw other pictures";

/** Of what is wrong here alone others do better. */
const elsewhere = (error: unknown): unknown =>
  error instanceof OtherPrecision ? new OtherMachine(error.message) : error;

interface Running {
  readonly run: string;
  readonly asked: Asked;
  files?: OutputFolder;
  subscription?: Subscription;
}

export class Work {
  readonly #engine: Engine;
  readonly #hidden: readonly string[];
  readonly #devices: number;
  readonly #answers: Answers;
  readonly #tell: (message: FromWorker) => void;
  readonly #grown: () => number | undefined;
  /** What one run computed, the next need not. */
  readonly #cache: BoundedCache<Values>;
  #prepared: { readonly run: string; readonly planned: Promise<PlannedDocument> } | undefined;
  #running: Running | undefined;

  constructor(
    engine: Engine,
    { hidden, memoryBytes, room, devices = 1 }: WorkerOptions,
    tell: (message: FromWorker) => void,
  ) {
    this.#engine = engine;
    this.#grown = growth({ memoryBytes, kept: () => engine.memory.bytes + engine.networks.sessionBytes });
    this.#cache = new BoundedCache<Values>(engine.memory, bytesOf);
    this.#hidden = hidden;
    this.#devices = devices;
    this.#answers = answersOf(engine, room.folder);
    this.#tell = tell;
  }

  async answer(id: number, question: Question, ask: unknown): Promise<void> {
    const beat = setInterval(() => this.#tell({ type: "beat" }), beatMs);
    try {
      this.#tell({ type: "answer", id, reply: await answer(this.#answers, question, ask) });
    } catch (error) {
      const isFull = isDiskFull(error);
      const told = isFull ? new Error(fullText(error)) : error;
      const problems = presentableProblems(told, this.#hidden);
      this.#tell({ type: "problems", id, problems, ...(isFull && { isFull }) });
    } finally {
      clearInterval(beat);
    }
  }

  /** Plans a task while another process looks for what is wrong with it: when it is accepted, it can begin. */
  prepare(task: Task): void {
    const planned = this.#plan(task);
    planned.catch(() => {}); // Whoever runs it hears of it.
    this.#prepared = { run: task.run, planned };
  }

  /**
   * There was room for it when it was accepted; where there is none any more, that is told as what it is. Of another machine's
   * run, what is wrong was not wrong there: this machine lacks a node, a file, or room.
   */
  async #plan({ graph, identity, options: { targets, batches } }: Task): Promise<PlannedDocument> {
    try {
      return await planDocument(this.#engine, readDocument(JSON.parse(graph)), { targets, batches });
    } catch (error) {
      if (identity === undefined) throw error;
      throw new OtherMachine(`This machine cannot draw what the server can: ${failureOf(error, this.#hidden).message}`);
    }
  }

  async run(task: Task): Promise<void> {
    const { run: id, folder } = task;
    const { batches, watch: wires } = task.options;
    const prepared = this.#prepared?.run === id ? this.#prepared.planned : undefined;
    this.#prepared = undefined;
    const asked = new Asked(id, this.#tell);
    const running: Running = { run: id, asked };
    this.#running = running;
    try {
      const planned = await (prepared ?? this.#plan(task));
      if (this.#running !== running) return;
      const { precision } = this.#engine;
      const identity = identityOf(planned.plan, { batches, range: undefined, version: packageVersion(), precision });
      if (task.identity !== undefined && task.identity !== identity) throw new OtherMachine(otherPictures);
      const show = (preview: PreviewMessage) => {
        if (isWithin(preview, maxMessageBytes)) this.#tell(preview);
      };
      const watch = loopPreviews({ run: id, plan: planned.plan, wires, show, batches });
      const files = new OutputFolder(folder, task.noted && { ...task.noted, choose: asked.choose });
      running.files = files;
      const note = async (batch: number, saved: readonly SavedFile[]) => asked.keep(saved, await files.sync(batch));
      const alone = whyAlone(planned.plan);
      const spreads = alone === undefined;
      if (!spreads && batches > 1 && this.#devices > 1)
        this.#tell({
          type: "say",
          line: `One of ${this.#devices} devices draws all batches of run ${id}, since ${alone}`,
        });
      const pictures = picturesPerBatch(planned.plan);
      const wish = { canSpread: spreads, identity, ...(pictures !== undefined && { pictures }) };
      let batch = 0;
      const next = async () => {
        const given = await asked.next(files, wish);
        if (typeof given === "number") batch = given;
        return given;
      };
      const options = { batches, range: task.range, cache: this.#cache, watch, next, note };
      running.subscription = runDocument(this.#engine, planned, files, options)
        .pipe(thinnedSteps())
        .subscribe({
          next: (event) => {
            if (event.type === "preview") show(shownFrame(id, event, { batch, batches }));
            else if (event.type === "batch") asked.done(event);
            else this.#tell({ type: "event", run: id, event: this.#presentable(event) });
          },
          error: (error) =>
            void this.#close(running, {
              type: "end",
              run: id,
              state: "failed",
              failure: failureOf(elsewhere(error), this.#hidden),
            }),
          complete: () =>
            void this.#close(running, { type: "end", run: id, state: asked.isLast ? "succeeded" : "left" }),
        });
    } catch (error) {
      this.#end(running, { type: "end", run: id, state: "failed", failure: failureOf(error, this.#hidden) });
    }
  }

  /** An answer to what the run at work has asked. */
  hear(message: Answer): void {
    if (this.#running?.run === message.run) this.#running.asked.hear(message);
  }

  /** Heard between two nodes. The model call that is under way, if any, ends by itself. */
  cancel(run: string): void {
    if (this.#running?.run !== run) return;
    const running = this.#running;
    running.subscription?.unsubscribe();
    void this.#close(running, { type: "end", run, state: "cancelled" });
  }

  /** It is told when nothing of it is on its way any more: nobody will go on with it. */
  async #close(running: Running, message: FromWorker): Promise<void> {
    await running.files?.close().catch(() => {});
    this.#end(running, message);
  }

  #end(running: object, message: FromWorker): void {
    if (this.#running !== running) return;
    this.#running = undefined;
    const bytes = this.#grown();
    if (bytes !== undefined) this.#tell({ type: "worn", bytes });
    this.#tell(message);
  }

  #presentable(event: RunEvent): RunEvent {
    return "message" in event ? { ...event, message: presentable(event.message, this.#hidden) } : event;
  }
}
