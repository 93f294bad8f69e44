/** What passes over the connections of a server, counted: for its metrics. */
import type { Socket } from "node:net";
import type { Reason } from "../refusal.ts";

/** What a connection carries. */
export type Carried = "http" | "socket";

export class Traffic {
  /** Requests that were not granted, and upgrades, by their reason. */
  readonly refused = new Map<Reason, number>();
  /** Connections that were closed because nothing was taken of what waited. */
  readonly stalled: Record<Carried, number> = { http: 0, socket: 0 };
  readonly #open = new Map<Socket, Carried>();
  readonly #sent: Record<Carried, number> = { http: 0, socket: 0 };

  refuse(reason: Reason): void {
    this.refused.set(reason, (this.refused.get(reason) ?? 0) + 1);
  }

  /** A connection begins, or carries something else from here on. */
  carry(socket: Socket, what: Carried): void {
    const isNew = !this.#open.has(socket);
    this.#open.set(socket, what);
    if (isNew)
      socket.once("close", () => {
        this.#sent[this.#open.get(socket) ?? what] += socket.bytesWritten;
        this.#open.delete(socket);
      });
  }

  /** All that are open. */
  get sockets(): Iterable<Socket> {
    return this.#open.keys();
  }

  /** One is closed, as nothing is taken of what waits. */
  noteStalled(socket: Socket): void {
    this.stalled[this.#open.get(socket) ?? "http"]++;
  }

  /** Bytes that were handed to the system. */
  get sent(): Readonly<Record<Carried, number>> {
    const sent = { ...this.#sent };
    for (const [{ bytesWritten }, what] of this.#open) sent[what] += bytesWritten;
    return sent;
  }

  connections(of: Carried): number {
    return [...this.#open.values()].filter((what) => what === of).length;
  }
}
