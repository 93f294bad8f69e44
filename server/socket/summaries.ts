/**
 * The summaries of runs that change: asked for once, whoever watches, and told to everybody in the same words. However many
 * change, and whoever watches, this takes a part of the thread's time; what changed last is told first.
 */
import { setImmediate as turn } from "node:timers/promises";
import type { ServerMessage } from "../protocol.ts";
import type { Services } from "../service/services.ts";
import type { Outbox } from "./outbox.ts";

/** What changed within a moment is told once; of a run that changed twice, only the last. */
const momentMs = 100;
/** For each millisecond of telling, so many are left to all else. */
const restPerTold = 3;
/** So many are asked for at once; to so many readers they are told before others get their turn. */
const [runsAtOnce, readersAtOnce] = [100, 20];

export class Summaries {
  readonly #services: Pick<Services, "history" | "queue" | "say">;
  readonly #watching = new Set<Outbox>();
  readonly #changed = new Set<string>();
  #telling: Promise<void> | undefined;

  constructor(services: Pick<Services, "history" | "queue" | "say">) {
    this.#services = services;
    services.queue.changed.subscribe((id) => {
      if (this.#watching.size === 0) return;
      this.#changed.add(id);
      this.#telling ??= this.#tellAll();
    });
  }

  /** Tells one client, until it is gone. */
  tell(outbox: Outbox): void {
    if (this.#watching.has(outbox)) return;
    this.#watching.add(outbox);
    outbox.closed.addEventListener("abort", () => this.#watching.delete(outbox));
  }

  async #tellAll(): Promise<void> {
    let restMs = momentMs;
    while (this.#changed.size > 0) {
      await new Promise((resolve) => setTimeout(resolve, restMs));
      const began = performance.now();
      await this.#tellSome().catch((error) => this.#services.say(`Cannot tell of runs: ${error}`, { level: "error" }));
      restMs = Math.max(momentMs, restPerTold * (performance.now() - began));
    }
    this.#telling = undefined;
  }

  async #tellSome(): Promise<void> {
    const { history, queue } = this.#services;
    const ids = [...this.#changed].slice(-runsAtOnce);
    for (const id of ids) this.#changed.delete(id);
    const summaries = new Map((await history.summaries(ids)).map((summary) => [summary.id, summary]));
    const texts = ids.map((run) => {
      const summary = summaries.get(run);
      const message: ServerMessage = summary
        ? { type: "summary", summary: queue.placed(summary) }
        : { type: "removed", run };
      return [`summary ${run}`, JSON.stringify(message)] as const;
    });
    let told = 0;
    for (const outbox of this.#watching) {
      outbox.sendAllLatest(texts);
      if (++told % readersAtOnce === 0) await turn();
    }
  }
}
