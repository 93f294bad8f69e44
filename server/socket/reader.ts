/** One connected client: what it asked for, and what is therefore put into its outbox. */
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import type { ClientMessage } from "../protocol.ts";
import { logPages } from "../runs/log-pages.ts";
import type { Services } from "../service/services.ts";
import { closings } from "./closings.ts";
import { openInbox } from "./inbox.ts";
import { Outbox } from "./outbox.ts";
import type { Summaries } from "./summaries.ts";

const maxSubscriptions = 100;

export class Reader {
  readonly #services: Services;
  readonly #summaries: Summaries;
  readonly #outbox: Outbox;
  readonly #following = new Map<string, AbortController>();

  /** `stream`: what the socket writes to. */
  constructor(socket: WebSocket, stream: Duplex, services: Services, summaries: Summaries) {
    this.#services = services;
    this.#summaries = summaries;
    const outbox = new Outbox(socket, stream, () => services.traffic.stalled.socket++);
    this.#outbox = outbox;
    openInbox(socket, outbox, (message) => this.#act(message));
    const live = services.previews.live.subscribe((frame) => {
      if (this.#following.has(frame.run)) outbox.show(frame);
    });
    const removed = services.keeper.bin.removed.subscribe((run) => {
      if (!this.#following.has(run)) return;
      this.#leave(run);
      outbox.send({ type: "removed", run });
    });
    outbox.closed.addEventListener("abort", () => {
      live.unsubscribe();
      removed.unsubscribe();
      for (const run of [...this.#following.keys()]) this.#leave(run);
    });
  }

  #act(message: ClientMessage): void {
    if (message.type === "subscribe") this.#subscribe(message.run, message.after);
    else if (message.type === "unsubscribe") this.#leave(message.run);
    else this.#summaries.tell(this.#outbox);
  }

  #subscribe(run: string, after: number): void {
    this.#leave(run);
    if (this.#following.size >= maxSubscriptions) {
      const message = `A connection follows ${maxSubscriptions} runs at most`;
      this.#outbox.send({ type: "refused", run, message });
      return;
    }
    const stop = new AbortController();
    this.#following.set(run, stop);
    stop.signal.addEventListener("abort", this.#services.keeper.inUse.hold(run));
    this.#follow(run, after, stop.signal).catch((error) => {
      this.#services.say(`Unexpected: ${error instanceof Error ? error.stack : error}`, { level: "error" });
      this.#outbox.close(closings.unreadableLog);
    });
  }

  #leave(run: string): void {
    this.#following.get(run)?.abort("left");
    this.#following.delete(run);
  }

  /** Tells what the log holds, then that it is all and what one sees, then each event as it is written. */
  async #follow(run: string, after: number, signal: AbortSignal): Promise<void> {
    const { log, previews } = this.#services;
    const outbox = this.#outbox;
    // Whoever asks for one run after the other waits for the last.
    const isThere = await log.has(run, signal);
    if (signal.aborted) return;
    if (!isThere) {
      this.#leave(run);
      outbox.send({ type: "refused", run, message: "There is no such run" });
      return;
    }
    let seq = after;
    // Whoever asks again and again, and takes nothing, is sent one page and no more.
    await outbox.drained();
    for await (const events of logPages(log, run, after, signal)) {
      outbox.sendEvents(events);
      seq = events.at(-1)?.seq ?? seq;
      if (events.length === 0) {
        await outbox.showAll(previews.of(run), signal);
        outbox.send({ type: "live", run, seq });
      }
      await outbox.drained();
    }
  }
}
