/**
 * The devices at a run: they come, are told to let go, and leave. As long as one is there its time counts, but for what nobody
 * worked in.
 */
import { Subscription } from "rxjs";
import type { RunMessage, Task } from "../channel/messages.ts";
import type { Gone } from "../supervisor/child.ts";
import type { Device } from "./device.ts";
import { Limit } from "./limit.ts";
import { Part } from "./part.ts";
import { Worked } from "./worked.ts";

export interface CrewOptions {
  /** So long somebody may be at the run. */
  readonly deadlineMs: number;
  /** They were. */
  readonly late: () => void;
  /** Who does not let go for so long is made to. */
  readonly graceMs?: number | undefined;
  readonly hear: (part: Part, message: RunMessage) => void;
  /** A process ended. */
  readonly lost: (part: Part, how: Gone) => void;
}

export class Crew {
  readonly #task: Task;
  readonly #options: CrewOptions;
  readonly #parts = new Map<Device, Part>();
  readonly #limit: Limit;
  readonly #worked = new Worked<Part>();
  #grace: NodeJS.Timeout | undefined;

  constructor(task: Task, options: CrewOptions) {
    this.#task = task;
    this.#options = options;
    this.#limit = new Limit(options.deadlineMs, options.late);
  }

  get parts(): readonly Part[] {
    return [...this.#parts.values()];
  }

  get size(): number {
    return this.#parts.size;
  }

  has(device: Device): boolean {
    return this.#parts.has(device);
  }

  /** Whether all others leave. */
  isLast(part: Part): boolean {
    return this.parts.every((other) => other === part || other.isLeaving);
  }

  join(device: Device): void {
    const { run } = this.#task;
    const { hear, lost } = this.#options;
    const part = new Part(device, new Subscription());
    part.heard.add(device.worker.messages.subscribe((message) => message.run === run && hear(part, message)));
    part.heard.add(device.worker.gone.subscribe((how) => lost(part, how)));
    device.run = run;
    this.#parts.set(device, part);
    this.#worked.begin(part, performance.now());
    this.#limit.count();
    device.worker.send({ type: "run", task: this.#task });
  }

  /** Its next process begins anew. */
  again(part: Part): void {
    part.again();
    part.device.worker.send({ type: "run", task: this.#task });
  }

  leave(part: Part): void {
    const { device, heard } = part;
    heard.unsubscribe();
    this.#parts.delete(device);
    this.#worked.left(part, performance.now());
    device.run = undefined;
    if (this.#parts.size > 0) return;
    clearTimeout(this.#grace);
    this.#limit.pause();
  }

  /** It has done a batch. */
  did(part: Part): void {
    this.#worked.did(part, performance.now());
  }

  /** It could not do what it was given: where nobody else worked meanwhile, nobody did. */
  couldNot(part: Part, now: number): void {
    this.#limit.giveBack(this.#worked.couldNot(part, now));
  }

  /** They are told to let go, and made to when they do not. */
  dismiss(parts: readonly Part[]): void {
    for (const { device } of parts) device.worker.send({ type: "cancel", run: this.#task.run });
    this.#grace = setTimeout(() => {
      for (const part of parts) if (this.#parts.get(part.device) === part) part.device.worker.kill();
    }, this.#options.graceMs ?? 1_500);
  }

  /** Nobody takes what they still say, and the next run must not find them at work. */
  kill(): void {
    for (const { device } of this.#parts.values()) device.worker.kill();
  }

  /** Its time does not count any more. */
  close(): void {
    this.#limit.pause();
  }
}
