/**
 * The WebSocket /api/events: bytes to ClientMessage, ServerMessage to bytes. A reader is a cursor in the run log, which
 * it moves as fast as its connection takes what it reads: nothing is held for a slow one, and no event is left out.
 */
import { type IncomingMessage, type Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { type Front, front } from "../http/front.ts";
import { type Guard, isSocket } from "../http/guard.ts";
import { replyTo, sayRefused } from "../http/replies.ts";
import { subprotocol } from "../protocol.ts";
import { Refusal } from "../refusal.ts";
import type { Services } from "../service/services.ts";
import { closings } from "./closings.ts";
import { Reader } from "./reader.ts";
import { Summaries } from "./summaries.ts";

const eventsPath = "/api/events";
/** A client says little: which run, after which number. */
const maxMessageBytes = 64 * 1024;
const maxReaders = 2_000;
const pingMs = 30_000;

const absent = new Refusal("absent", "Refused: there is no such socket");
const offersElse = new Refusal("wrong form", "Refused: ask for this by HTTP/1.1 alone, without an Upgrade header");
const full = new Refusal("unavailable", `Refused: ${maxReaders} readers are connected`);

/** Serves upgrades of the HTTP server. Returns what ends all connections. */
export function serveSocket(server: Server, services: Services, guard: Guard, before: Front = front()): () => void {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxMessageBytes,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(subprotocol) ? subprotocol : false),
  });

  const summaries = new Summaries(services);

  server.on("upgrade", (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on("error", () => {});
    request.url = before.within(request.url ?? "/") ?? "/";
    const verdict = guard(request);
    if (!verdict.allowed) refuse(stream, verdict.refusal, request);
    else if (!isSocket(request.headers)) serveAsAsked(request, stream);
    else if (request.url?.split("?", 1)[0] !== eventsPath) refuse(stream, absent, request);
    else if (sockets.clients.size >= maxReaders) refuse(stream, full, request);
    else
      sockets.handleUpgrade(request, stream, head, (socket) => {
        services.traffic.carry(request.socket, "socket");
        new Reader(socket, stream, services, summaries);
      });
  });

  const pings = setInterval(() => {
    for (const socket of sockets.clients) socket.ping();
  }, pingMs);

  /** Another protocol may be offered (HTTP/2, as Java's client does): who offers it takes HTTP/1.1 too (RFC 9110, 7.8). */
  function serveAsAsked(request: IncomingMessage, stream: Duplex): void {
    const { "content-length": length = "0", "transfer-encoding": encoding } = request.headers;
    // Node has stopped reading HTTP here, so that a body is none.
    if (length !== "0" || encoding !== undefined) {
      refuse(stream, offersElse, request);
      return;
    }
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(stream as Socket);
    response.once("finish", () => stream.end());
    server.emit("request", request, response);
  }

  function refuse(stream: Duplex, refusal: Refusal, request: IncomingMessage): void {
    const { status, headers, body } = replyTo(refusal);
    services.traffic.refuse(refusal.reason);
    const asked = { method: "UPGRADE", path: eventsPath, from: before.outer(request).address };
    sayRefused(services.say, { status, ...asked, reason: refusal.message });
    const text = JSON.stringify(body);
    const lines = Object.entries({
      Connection: "close",
      "Content-Type": "application/json",
      "Content-Length": Buffer.byteLength(text),
      ...headers,
    }).map(([name, value]) => `${name}: ${value}\r\n`);
    stream.end(`HTTP/1.1 ${status} Refused\r\n${lines.join("")}\r\n${text}`);
  }

  return () => {
    clearInterval(pings);
    for (const socket of sockets.clients) socket.close(...closings.stopping);
    setTimeout(() => {
      for (const socket of sockets.clients) socket.terminate();
    }, 500).unref();
  };
}
