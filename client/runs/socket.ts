/** The server's events. The connection comes and goes; what was subscribed to is asked for again after the last event seen. */
import {
  type ClientMessage,
  decodePreview,
  type ServerMessage,
  serverMessage,
  subprotocol,
} from "../../server/protocol.ts";
import type { Preview } from "./run-view.ts";
import { addressOf, type Server } from "./server.ts";

export interface SocketHost {
  message(message: ServerMessage): void;
  preview(preview: Preview): void;
  connected(is: boolean): void;
  /** The last event seen of a run. */
  seen(run: string): number;
}

const retryMs = 1000;

export class Events {
  #socket: WebSocket | undefined;
  #subscribed = new Set<string>();
  #retry: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(
    readonly server: Server,
    readonly host: SocketHost,
  ) {
    this.#connect();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#socket?.close();
  }

  subscribe(run: string): void {
    if (this.#subscribed.has(run)) return;
    this.#subscribed.add(run);
    this.#send({ type: "subscribe", run, after: this.host.seen(run) });
  }

  unsubscribe(run: string): void {
    if (this.#subscribed.delete(run)) this.#send({ type: "unsubscribe", run });
  }

  #connect(): void {
    const url = addressOf(this.server, "/api/events");
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(url, [subprotocol, ...bearer(this.server.token)]);
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.#send({ type: "watch" });
      for (const run of this.#subscribed) this.#send({ type: "subscribe", run, after: this.host.seen(run) });
      this.host.connected(true);
    };
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = () => {
      if (this.#closed) return;
      this.host.connected(false);
      clearTimeout(this.#retry);
      this.#retry = setTimeout(() => this.#connect(), retryMs);
    };
  }

  #receive(data: string | ArrayBuffer): void {
    if (typeof data !== "string") {
      this.host.preview(decodePreview(new Uint8Array(data)));
      return;
    }
    const read = serverMessage.safeParse(JSON.parse(data));
    if (read.success) this.host.message(read.data as ServerMessage);
    else console.warn(`The server sent what is no message of ${subprotocol}`, data.slice(0, 200));
  }

  #send(message: ClientMessage): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }
}

/** A page's WebSocket sends no headers: the token is offered as a subprotocol, in base64url. */
function bearer(token: string | undefined): string[] {
  if (!token) return [];
  const bytes = String.fromCharCode(...new TextEncoder().encode(token));
  return [`bearer.${btoa(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`];
}
