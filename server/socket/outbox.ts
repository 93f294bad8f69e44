/**
 * Everything that leaves for one client, and how fast it takes it. Whoever has more to say waits until it is `drained`;
 * of pictures and summaries only the latest of each waits. So a slow reader costs a constant, and one that takes nothing is let go.
 */
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import { maxStallMs, maxWaitingBytes } from "../outgoing/limits.ts";
import type { Logged, ServerMessage } from "../protocol.ts";
import type { RunFrame } from "../runs/previews.ts";
import { type Closing, closings } from "./closings.ts";

const lookMs = 20;
const goodbyeMs = 1_000;

export class Outbox {
  readonly #socket: WebSocket;
  readonly #stream: Duplex;
  readonly #latest = new Map<string, string | Uint8Array>();
  readonly #closed = new AbortController();
  readonly #tooSlow: () => void;
  #draining: Promise<void> | undefined;
  #sending: Promise<void> | undefined;
  #series: Promise<void> = Promise.resolve();

  /** `stream`: what the socket writes to. `tooSlow`: it is let go. */
  constructor(socket: WebSocket, stream: Duplex, tooSlow: () => void = () => {}) {
    this.#socket = socket;
    this.#tooSlow = tooSlow;
    this.#stream = stream;
    this.closed.addEventListener("abort", () => this.#latest.clear());
    socket.on("error", () => {}); // It closes with a code that says what was wrong.
    socket.on("close", () => this.#closed.abort("closed"));
  }

  /** Nothing leaves any more. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  send(message: ServerMessage): void {
    this.#put(JSON.stringify(message));
  }

  /** Events of one moment leave together. */
  sendEvents(events: readonly Logged[]): void {
    this.#stream.cork();
    for (const event of events) this.#put(textOf(event));
    this.#stream.uncork();
  }

  show({ run, of, frame }: RunFrame): void {
    this.sendLatest(`${run} ${of}`, frame);
  }

  /** Sends it, or keeps it until the reader is ready for it, unless a later one of the same name comes before. */
  sendLatest(name: string, data: string | Uint8Array): void {
    if (!this.#sending && this.#isReady()) return void this.#put(data);
    this.#latest.set(name, data);
    this.#sending ??= this.#sendWaiting().finally(() => {
      this.#sending = undefined;
    });
  }

  /** What is sent of them at once leaves together. */
  sendAllLatest(all: readonly (readonly [name: string, data: string])[]): void {
    this.#stream.cork();
    for (const [name, data] of all) this.sendLatest(name, data);
    this.#stream.uncork();
  }

  /** Shows what it is given, asking for the next when there is room for it; one series after the other. */
  showAll(frames: AsyncIterable<RunFrame>, signal: AbortSignal): Promise<void> {
    const shown = this.#series.then(async () => {
      for await (const frame of frames) {
        if (signal.aborted || this.closed.aborted) return;
        this.show(frame);
        await this.drained();
      }
    });
    this.#series = shown.catch(() => {});
    return shown;
  }

  /** Resolves when the reader has taken enough, or is gone. One that takes nothing is closed. */
  drained(): Promise<void> {
    if (this.#isReady()) return Promise.resolve();
    this.#draining ??= this.#drain().finally(() => {
      this.#draining = undefined;
    });
    return this.#draining;
  }

  close(closing: Closing): void {
    this.#socket.close(...closing);
  }

  async #drain(): Promise<void> {
    let least = this.#socket.bufferedAmount;
    let since = performance.now();
    while (!this.#isReady() && !this.closed.aborted) {
      await new Promise((resolve) => setTimeout(resolve, lookMs));
      const waiting = this.#socket.bufferedAmount;
      if (waiting < least) [least, since] = [waiting, performance.now()];
      else if (performance.now() - since > maxStallMs) return this.#letGo();
    }
  }

  /** Says why behind all that it has not read yet; a reader that still does not read is cut off. */
  #letGo(): void {
    this.#tooSlow();
    this.#closed.abort("too slow");
    this.close(closings.tooSlow);
    setTimeout(() => this.#socket.terminate(), goodbyeMs).unref();
  }

  async #sendWaiting(): Promise<void> {
    while (this.#latest.size > 0) {
      await this.drained();
      const [next] = this.#latest;
      if (!next) return;
      const [name, data] = next;
      this.#latest.delete(name);
      this.#put(data);
    }
  }

  #isReady(): boolean {
    return this.#socket.bufferedAmount < maxWaitingBytes;
  }

  #put(data: string | Uint8Array): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(data);
    // Also where nobody waits for room: what is said in reply is taken, or its reader is let go.
    if (!this.#isReady()) void this.drained();
  }
}

/** An event goes to every reader in the same words. */
const texts = new WeakMap<Logged, string>();
function textOf(event: Logged): string {
  const text = texts.get(event) ?? JSON.stringify(event);
  texts.set(event, text);
  return text;
}
