/** What a client says, held to its schema; one that says too much, pings counted, or too much that is no message, is closed. */
import type { RawData, WebSocket } from "ws";
import { type ClientMessage, clientMessage } from "../protocol.ts";
import { closings } from "./closings.ts";
import type { Outbox } from "./outbox.ts";

const maxBadMessages = 50;
const maxMessagesPerSecond = 200;

export function openInbox(socket: WebSocket, outbox: Outbox, hear: (message: ClientMessage) => void): void {
  let [second, inSecond, bad] = [0, 0, 0];
  /** Counts whatever comes. */
  const isTaken = (): boolean => {
    const now = Math.floor(performance.now() / 1_000);
    inSecond = now === second ? inSecond + 1 : 1;
    second = now;
    if (inSecond > maxMessagesPerSecond) outbox.close(closings.tooManyMessages);
    // One that was told that it is closed may talk on for a while.
    return socket.readyState === socket.OPEN && !outbox.closed.aborted;
  };
  socket.on("message", (data: RawData, isBinary: boolean) => {
    if (!isTaken()) return;
    const message = isBinary ? undefined : parse(String(data));
    if (message) hear(message);
    else if (++bad > maxBadMessages) outbox.close(closings.tooManyBadMessages);
    else outbox.send({ type: "refused", message: "This is no message of this server; docs/protocol.md tells them" });
  });
  socket.on("ping", isTaken).on("pong", isTaken);
}

function parse(text: string): ClientMessage | undefined {
  try {
    return clientMessage.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
