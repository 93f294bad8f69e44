import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { join } from "node:path";
import express from "express";
import { Subject } from "rxjs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { guard } from "../../server/http/guard.ts";
import { runRoutes } from "../../server/http/run-routes.ts";
import { InUse } from "../../server/keeping/in-use.ts";
import { endStalledDownloads } from "../../server/outgoing/stalled-downloads.ts";
import { encodePreview } from "../../server/protocol.ts";
import { Previews } from "../../server/runs/previews.ts";
import type { Services } from "../../server/service/services.ts";
import { Traffic } from "../../server/service/traffic.ts";
import { serveSocket } from "../../server/socket/upgrade.ts";
import { Users } from "../../server/users/users.ts";
import { temporaryFolder } from "../support/cli.ts";

/** Readers that take nothing of what a finished run shows: 40 nodes with a preview of 2 MiB each. */
const [nodes, size] = [40, 2 * 2 ** 20];
const stallMs = 1_500;
let http: Server;
let end: () => void;

const traffic = new Traffic();
beforeAll(async () => {
  const folder = temporaryFolder();
  const kept = join(folder, "done");
  mkdirSync(kept);
  const dims: [number, number, number, number] = [1, 1, 1, size];
  for (let path = 1; path <= nodes; path++)
    writeFileSync(
      join(kept, `${path}.preview`),
      encodePreview({ type: "preview", run: "done", path: String(path), dims }, new Uint8Array(size)),
    );
  const services = {
    traffic,
    previews: new Previews((run) => join(folder, run)),
    history: { summary: async () => ({ id: "done" }) },
    log: {
      has: async () => true,
      read: async () => [],
      grown: (_run: string, _after: number, signal: AbortSignal) => aborted(signal),
    },
    queue: { changed: new Subject() },
    keeper: { bin: { removed: new Subject() }, inUse: new InUse() },
    say() {},
  } as unknown as Services;
  const app = express().use("/api", runRoutes(services, ""));
  app.get("/late", (_request, response) => void setTimeout(() => response.end("late"), 2 * stallMs));
  http = createServer(app);
  endStalledDownloads(http, { stallMs, ended: () => traffic.stalled.http++ });
  end = serveSocket(http, services, guard({ host: "127.0.0.1", users: new Users(undefined, "own"), origins: [] }));
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
  end();
  http.closeAllConnections();
  http.close();
});

const aborted = (signal: AbortSignal) => new Promise((resolve) => signal.addEventListener("abort", resolve));
const host = () => `127.0.0.1:${(http.address() as AddressInfo).port}`;
const connections = () => new Promise<number>((resolve) => http.getConnections((_, count) => resolve(count)));
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A connection that says something and then never reads. */
async function silent(text: string, then?: Buffer): Promise<Socket> {
  const socket = connect((http.address() as AddressInfo).port, "127.0.0.1");
  socket.on("error", () => {});
  await new Promise((resolve) => socket.once("connect", resolve));
  socket.pause();
  socket.write(text);
  if (then) socket.write(then);
  return socket;
}

/** How many MB the process grows by at most until they are all let go. */
async function growth(readers: readonly Socket[], withinMs: number): Promise<number> {
  const before = process.memoryUsage().rss;
  let most = before;
  const started = performance.now();
  while ((await connections()) > 0) {
    if (performance.now() - started > withinMs) throw new Error(`${await connections()} readers are still there`);
    most = Math.max(most, process.memoryUsage().rss);
    await wait(20);
  }
  for (const reader of readers) reader.destroy();
  const grown = Math.round((most - before) / 2 ** 20);
  console.info(`${readers.length} readers: ${grown} MB, let go after ${Math.round(performance.now() - started)} ms`);
  return grown;
}

test("a hundred requests for previews that are not read cost pieces of them, and are ended", async () => {
  const get = `GET /api/runs/done/previews HTTP/1.1\r\nHost: ${host()}\r\n\r\n`;
  const readers = await Promise.all(Array.from({ length: 100 }, () => silent(get)));
  expect(await growth(readers, 30_000)).toBeLessThan(200);
  expect(traffic.stalled).toEqual({ http: 100, socket: 0 });
}, 60_000);

test("twenty sockets that are not read cost a preview or two each, and are let go", async () => {
  const upgrade = `GET /api/events HTTP/1.1\r\nHost: ${host()}\r\nOrigin: http://${host()}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nSec-WebSocket-Protocol: guidegraph.1\r\n\r\n`;
  const text = Buffer.from(JSON.stringify({ type: "subscribe", run: "done" }));
  // Masked with zeros, it reads as it is.
  const subscribe = Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), text]);
  const readers = await Promise.all(Array.from({ length: 20 }, () => silent(upgrade, subscribe)));
  expect(await growth(readers, 40_000)).toBeLessThan(200);
  expect(traffic.stalled).toEqual({ http: 100, socket: 20 });
}, 60_000);

test("one that takes its time gets all of it, and one whose reply takes its time is not ended", async () => {
  const reply = await fetch(`http://${host()}/api/runs/done/previews`);
  let bytes = 0;
  for await (const chunk of reply.body ?? []) {
    if (bytes < size) await wait(20);
    bytes += chunk.length;
  }
  expect(bytes).toBeGreaterThan(nodes * size);
  expect(await (await fetch(`http://${host()}/late`)).text()).toBe("late");
});
