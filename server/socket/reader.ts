/** One connected client: what it asked for, and how fast it takes it. */
import type { Duplex } from "node:stream";
import type { Subscription } from "rxjs";
import type { RawData, WebSocket } from "ws";
import { type ClientMessage, clientMessage, type Logged, type ServerMessage } from "../protocol.ts";
import type { Services } from "../service/services.ts";

/** Sent and not yet taken: beyond this, events wait in the log, and of previews only each node's latest waits. */
const maxWaitingBytes = 1024 * 1024;
/** A reader that takes nothing for so long is let go; it comes back and reads on from where it was. */
const maxStallMs = 5_000;
const goodbyeMs = 1_000;
const pageLength = 500;
const summaryMs = 100;
const maxBadMessages = 50;
const maxMessagesPerSecond = 200;
const maxSubscriptions = 100;

export class Reader {
  readonly #socket: WebSocket;
  readonly #stream: Duplex;
  readonly #services: Services;
  readonly #following = new Map<string, AbortController>();
  readonly #frames = new Map<string, Uint8Array>();
  readonly #changed = new Set<string>();
  readonly #closed = new AbortController();
  readonly #live: Subscription;
  #watching: Subscription | undefined;
  #summaries: NodeJS.Timeout | undefined;
  #bad = 0;
  #second = 0;
  #messages = 0;

  /** `stream`: what the socket writes to. */
  constructor(socket: WebSocket, stream: Duplex, services: Services) {
    this.#socket = socket;
    this.#stream = stream;
    this.#services = services;
    this.#live = services.previews.live.subscribe(({ run, of, frame }) => {
      if (this.#following.has(run)) this.#show(`${run} ${of}`, frame);
    });
    socket.on("message", (data, isBinary) => this.#receive(data, isBinary));
    socket.on("error", () => {}); // It closes with a code that says what was wrong.
    socket.on("close", () => this.#end());
  }

  #end(): void {
    this.#closed.abort();
    for (const following of this.#following.values()) following.abort();
    this.#live.unsubscribe();
    this.#watching?.unsubscribe();
    clearTimeout(this.#summaries);
    this.#frames.clear();
  }

  #receive(data: RawData, isBinary: boolean): void {
    const second = Math.floor(performance.now() / 1_000);
    this.#messages = second === this.#second ? this.#messages + 1 : 1;
    this.#second = second;
    const message = isBinary ? undefined : parse(String(data));
    if (this.#messages > maxMessagesPerSecond) this.#socket.close(1008, "Too many messages");
    else if (message) this.#act(message);
    else if (++this.#bad > maxBadMessages) this.#socket.close(1008, "Too many bad messages");
    else this.#send({ type: "refused", message: "This is no message of this server; docs/protocol.md tells them" });
  }

  #act(message: ClientMessage): void {
    if (message.type === "watch") this.#watch();
    else if (message.type === "unsubscribe") {
      this.#following.get(message.run)?.abort();
      this.#following.delete(message.run);
    } else this.#subscribe(message.run, message.after);
  }

  #subscribe(run: string, after: number): void {
    this.#following.get(run)?.abort();
    this.#following.delete(run);
    if (this.#following.size >= maxSubscriptions) {
      this.#send({ type: "refused", run, message: `A connection follows ${maxSubscriptions} runs at most` });
      return;
    }
    const stop = new AbortController();
    this.#following.set(run, stop);
    this.#follow(run, after, stop.signal).catch((error) => {
      this.#services.say(`Unexpected: ${error instanceof Error ? error.stack : error}`);
      this.#socket.close(1011, "The run log cannot be read");
    });
  }

  /** Reads on in the log, for ever: a page, then what has come meanwhile, then each event as it is written. */
  async #follow(run: string, after: number, signal: AbortSignal): Promise<void> {
    const { history, log, previews } = this.#services;
    if (!(await history.summary(run))) {
      this.#following.delete(run);
      this.#send({ type: "refused", run, message: "There is no such run" });
      return;
    }
    let seq = after;
    let isLive = false;
    while (!signal.aborted) {
      const events = await log.read(run, seq, pageLength);
      if (signal.aborted) return;
      // Those of one moment leave together.
      this.#stream.cork();
      for (const event of events) this.#sendText(textOf(event));
      this.#stream.uncork();
      seq = events.at(-1)?.seq ?? seq;
      if (events.length === 0 && !isLive) {
        isLive = true;
        for (const { of, frame } of await previews.of(run)) this.#show(`${run} ${of}`, frame);
        this.#send({ type: "live", run, seq });
      }
      await this.#drained();
      if (events.length === 0) await log.grown(run, seq, signal);
    }
  }

  /** Summaries of what changed within a moment; of a run that changed twice, only the last. */
  #watch(): void {
    this.#watching ??= this.#services.queue.changed.subscribe((id) => {
      this.#changed.add(id);
      this.#summaries ??= setTimeout(() => this.#tellSummaries().catch(() => {}), summaryMs);
    });
  }

  async #tellSummaries(): Promise<void> {
    const { history, queue } = this.#services;
    const ids = [...this.#changed];
    this.#changed.clear();
    this.#summaries = undefined;
    for (const id of ids) {
      const summary = await history.summary(id);
      if (summary) this.#send({ type: "summary", summary: queue.placed(summary) });
      await this.#drained();
    }
  }

  /** Sends a frame, or keeps it until the reader is ready for one, unless a later one of the same node comes before. */
  #show(of: string, frame: Uint8Array): void {
    const isFirst = this.#frames.size === 0;
    if (isFirst && this.#isReady()) this.#socket.send(frame);
    else this.#frames.set(of, frame);
    if (isFirst && this.#frames.size > 0) this.#drained().then(() => this.#showWaiting());
  }

  #showWaiting(): void {
    for (const frame of this.#frames.values()) this.#socket.send(frame);
    this.#frames.clear();
  }

  #isReady(): boolean {
    return this.#socket.bufferedAmount < maxWaitingBytes;
  }

  /** Resolves when the reader has taken enough, or is gone. One that takes nothing is closed. */
  async #drained(): Promise<void> {
    let least = this.#socket.bufferedAmount;
    let since = performance.now();
    while (!this.#isReady() && !this.#closed.signal.aborted) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      const waiting = this.#socket.bufferedAmount;
      if (waiting < least) [least, since] = [waiting, performance.now()];
      else if (performance.now() - since > maxStallMs) {
        this.#letGo();
        return;
      }
    }
  }

  /** Says why behind all that it has not read yet; a reader that still does not read is cut off. */
  #letGo(): void {
    this.#end();
    this.#socket.close(1013, "It reads too slowly; subscribe again after the last number");
    setTimeout(() => this.#socket.terminate(), goodbyeMs).unref();
  }

  #send(message: ServerMessage): void {
    this.#sendText(JSON.stringify(message));
  }

  #sendText(text: string): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(text);
  }
}

/** An event goes to every reader in the same words. */
const texts = new WeakMap<Logged, string>();
function textOf(event: Logged): string {
  const text = texts.get(event) ?? JSON.stringify(event);
  texts.set(event, text);
  return text;
}

function parse(text: string): ClientMessage | undefined {
  try {
    return clientMessage.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
