/** Kinds of load. Each resolves to its own figures when it is over. */
import { connect } from "node:net";
import WebSocket from "ws";
import { isEnd, quick, type TestServer, tiny } from "../support/server.ts";
import { events } from "./seeded.ts";

export async function manyReaders(server: TestServer): Promise<string> {
  const readers = await Promise.all(Array.from({ length: 200 }, () => server.connect()));
  const run = await server.submit(quick);
  for (const reader of readers) {
    reader.send({ type: "watch" });
    reader.send({ type: "subscribe", run });
  }
  await Promise.all(readers.map((reader) => reader.until(isEnd)));
  const { seq } = await server.detail(run);
  for (const reader of readers) reader.close();
  return `${readers.filter((reader) => reader.events.length !== seq).length} readers missed an event (0)`;
}

/** They ask for the longest log there is, and read nothing of it. */
export async function stalledReaders(server: TestServer): Promise<string> {
  const { hostname, port, host } = new URL(server.url);
  const upgrade = `GET /api/events HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${server.url}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nSec-WebSocket-Protocol: guidegraph.1\r\n\r\n`;
  const text = Buffer.from(JSON.stringify({ type: "subscribe", run: "events" }));
  const began = performance.now();
  const sockets = Array.from({ length: 40 }, () => {
    const socket = connect(Number(port), hostname);
    socket.on("error", () => {}).pause();
    socket.write(upgrade);
    // Masked with zeros, it reads as it is.
    socket.write(Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), text]));
    return socket;
  });
  await new Promise((resolve) => setTimeout(resolve, 8_000));
  for (const socket of sockets) socket.destroy();
  return `for ${Math.round((performance.now() - began) / 1_000)} s`;
}

export async function onrush(server: TestServer): Promise<string> {
  const [perSecond, seconds] = [500, 3];
  const counts = new Map<number | string, number>();
  const count = (what: number | string) => counts.set(what, (counts.get(what) ?? 0) + 1);
  const under: Promise<unknown>[] = [];
  const began = performance.now();
  while (under.length < perSecond * seconds) {
    const due = Math.min(perSecond * seconds, ((performance.now() - began) / 1_000) * perSecond);
    while (under.length < due)
      under.push(
        server.post("/api/runs", tiny).then(
          async (reply) => reply.arrayBuffer().then(() => count(reply.status)),
          () => count("reset (0)"),
        ),
      );
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await Promise.all(under);
  return [...counts].map(([status, times]) => `${times} × ${status}`).join(", ");
}

export async function manyOutputs(server: TestServer): Promise<string> {
  const began = performance.now();
  await server.request("/api/runs?limit=500").then((reply) => reply.arrayBuffer());
  const { outputCount } = await server.detail("outputs");
  return `list and detail in ${Math.round(performance.now() - began)} ms, ${outputCount} outputs`;
}

export async function manyEvents(server: TestServer): Promise<string> {
  const socket = new WebSocket(`${server.url.replace("http", "ws")}/api/events`, ["guidegraph.1"], {
    headers: { Origin: server.url },
  });
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  let told = 0;
  await new Promise<void>((resolve) => {
    socket.on("message", () => {
      if (++told === events + 1) resolve();
    });
    socket.send(JSON.stringify({ type: "subscribe", run: "events" }));
  });
  socket.close();
  return `${events} events told`;
}
