/**
 * Everything that leaves for one client, and how fast it takes it. Whoever has more to say waits until it is `drained`;
 * of pictures only the latest of each node waits. So a slow reader costs a constant, and one that takes nothing is let go.
 */
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import type { Logged, ServerMessage } from "../protocol.ts";
import { type Closing, closings } from "./closings.ts";

/** Sent and not yet taken: beyond this, events wait in the log, and of previews only each node's latest waits. */
const maxWaitingBytes = 1024 * 1024;
/** A reader that takes nothing for so long is let go; it comes back and reads on from where it was. */
const maxStallMs = 5_000;
const lookMs = 20;
const goodbyeMs = 1_000;

export class Outbox {
  readonly #socket: WebSocket;
  readonly #stream: Duplex;
  readonly #frames = new Map<string, Uint8Array>();
  readonly #closed = new AbortController();
  #draining: Promise<void> | undefined;

  /** `stream`: what the socket writes to. */
  constructor(socket: WebSocket, stream: Duplex) {
    this.#socket = socket;
    this.#stream = stream;
    this.closed.addEventListener("abort", () => this.#frames.clear());
    socket.on("error", () => {}); // It closes with a code that says what was wrong.
    socket.on("close", () => this.#closed.abort());
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

  /** Sends a frame, or keeps it until the reader is ready for one, unless a later one of the same name comes before. */
  show(name: string, frame: Uint8Array): void {
    const isFirst = this.#frames.size === 0;
    if (isFirst && this.#isReady()) this.#put(frame);
    else this.#frames.set(name, frame);
    if (isFirst && this.#frames.size > 0) this.drained().then(() => this.#showWaiting());
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
    this.#closed.abort();
    this.close(closings.tooSlow);
    setTimeout(() => this.#socket.terminate(), goodbyeMs).unref();
  }

  #showWaiting(): void {
    for (const frame of this.#frames.values()) this.#put(frame);
    this.#frames.clear();
  }

  #isReady(): boolean {
    return this.#socket.bufferedAmount < maxWaitingBytes;
  }

  #put(data: string | Uint8Array): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(data);
  }
}

/** An event goes to every reader in the same words. */
const texts = new WeakMap<Logged, string>();
function textOf(event: Logged): string {
  const text = texts.get(event) ?? JSON.stringify(event);
  texts.set(event, text);
  return text;
}
