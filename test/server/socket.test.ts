import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Subject } from "rxjs";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import WebSocket from "ws";
import { guard } from "../../server/http/guard.ts";
import { InUse } from "../../server/keeping/in-use.ts";
import { encodePreview } from "../../server/protocol.ts";
import { Database } from "../../server/runs/database.ts";
import { RunHistory, rowsOf } from "../../server/runs/history.ts";
import { Previews } from "../../server/runs/previews.ts";
import { RunLog } from "../../server/runs/run-log.ts";
import type { Services } from "../../server/service/services.ts";
import { Traffic } from "../../server/service/traffic.ts";
import { serveSocket } from "../../server/socket/upgrade.ts";
import { Users } from "../../server/users/users.ts";
import { temporaryFolder } from "../support/cli.ts";
import { isEnd, Reader } from "../support/server.ts";

/** The socket over a real log and history; what runs is the test itself. */
let http: Server;
let database: Database;
let log: RunLog;
let history: RunHistory;
let previews: Previews;
const traffic = new Traffic();
let end: () => void;
const changed = new Subject<string>();
const removed = new Subject<string>();

beforeAll(async () => {
  const data = temporaryFolder();
  database = await Database.open(data);
  [log, history, previews] = [new RunLog(database), new RunHistory(database), new Previews((run) => join(data, run))];
  http = createServer();
  const keeper = { bin: { removed }, inUse: new InUse() };
  const queue = { changed, placed: (summary: unknown) => summary };
  const services = { log, history, previews, queue, keeper, traffic, say() {} } as unknown as Services;
  end = serveSocket(http, services, guard({ host: "127.0.0.1", users: new Users(undefined, "own"), origins: [] }));
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
  end();
  http.closeAllConnections();
  http.close();
  database.close();
});

const address = () => `127.0.0.1:${(http.address() as AddressInfo).port}`;

async function connect(): Promise<Reader> {
  const socket = new WebSocket(`ws://${address()}/api/events`, "guidegraph.1", { origin: `http://${address()}` });
  const reader = new Reader(socket);
  await new Promise((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  return reader;
}

async function newRun(id: string): Promise<void> {
  const options = { batches: 1, set: {}, watch: [], first: false };
  await database.write(rowsOf({ id, key: undefined, request: "", title: id, graph: "{}", options }));
  log.open(id, 0);
}

const step = (index: number, count: number) => ({ type: "step" as const, path: "1", index, count, ms: 1 });
const succeeded = { type: "run" as const, state: "succeeded" as const, ms: 1 };
const frame = (run: string, path: string, size: number) =>
  encodePreview({ type: "preview", run, path, dims: [1, 1, 1, size] }, new Uint8Array(size));

test("fifty readers at once, come and gone at any time, each see every event in order", async () => {
  await newRun("fifty");
  const count = 2_000;
  const readers = await Promise.all(Array.from({ length: 50 }, connect));
  for (const [i, reader] of readers.entries())
    setTimeout(() => reader.send({ type: "subscribe", run: "fifty", after: 0 }), 10 * i);
  const started = performance.now();
  for (let index = 0; index < count; index++) {
    log.append("fifty", step(index, count));
    if (index % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await log.append("fifty", succeeded);
  await Promise.all(readers.map((reader) => reader.until(isEnd)));
  console.info(`${50 * count} events delivered in ${Math.round(performance.now() - started)} ms`);
  const expected = Array.from({ length: count + 1 }, (_, i) => i + 1);
  for (const reader of readers) {
    expect(reader.events.map(({ seq }) => seq)).toEqual(expected);
    reader.close();
  }
});

test("a reader who comes back at any number of a run reads on without a gap", async () => {
  await newRun("back");
  const reader = await connect();
  reader.send({ type: "subscribe", run: "back", after: 0 });
  for (let index = 0; index < 40; index++) await log.append("back", step(index, 40));
  await reader.until((message) => "seq" in message && message.seq === 40);
  for (let after = 0; after <= 40; after += 5) {
    const late = await connect();
    late.send({ type: "subscribe", run: "back", after });
    expect(await late.until(({ type }) => type === "live")).toMatchObject({ seq: 40 });
    expect(late.events).toEqual(reader.events.slice(after));
    late.close();
  }
  await log.append("back", succeeded);
  await reader.until(isEnd);
  reader.close();
});

test("a reader who takes nothing holds up nobody, costs little, and is let go; what it missed is still there", async () => {
  await newRun("slow");
  const [slow, good] = [await connect(), await connect()];
  for (const reader of [slow, good]) reader.send({ type: "subscribe", run: "slow", after: 0 });
  await Promise.all([slow, good].map((reader) => reader.until(({ type }) => type === "live")));
  slow.socket.pause();
  const before = process.memoryUsage().rss;
  const started = performance.now();
  let sent = 0;
  while (slow.closed === undefined && performance.now() - started < 60_000) {
    previews.show({ run: "slow", of: `${sent % 4}`, frame: frame("slow", `${sent % 4}`, 100_000) });
    await log.append("slow", step(sent, 100_000));
    sent++;
    // The pause is over when the connection is gone: only a reader that reads hears of that.
    if (performance.now() - started > 8_000) slow.socket.resume();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const grown = (process.memoryUsage().rss - before) / 2 ** 20;
  console.info(
    `let go after ${Math.round(performance.now() - started)} ms, ${sent} × 100 KB, ${Math.round(grown)} MB grown`,
  );
  expect([1006, 1013]).toContain(slow.closed);
  await log.append("slow", succeeded);
  await good.until(isEnd);
  expect(good.events.map(({ seq }) => seq)).toEqual(Array.from({ length: sent + 1 }, (_, i) => i + 1));
  expect(good.previews.length).toBeGreaterThan(sent / 2);
  const back = await connect();
  back.send({ type: "subscribe", run: "slow", after: slow.events.at(-1)?.seq ?? 0 });
  await back.until(isEnd);
  expect([...slow.events, ...back.events].map(({ seq }) => seq)).toEqual(good.events.map(({ seq }) => seq));
  good.close();
  back.close();
});

test("one that asks for the same again and again, and takes nothing of it, costs a page", async () => {
  await newRun("again");
  const message = "x".repeat(4_000);
  const failed = { type: "node" as const, path: "1", state: "failed" as const, message };
  await Promise.all(Array.from({ length: 400 }, () => log.append("again", failed)));
  const before = traffic.sent.socket;
  const reader = await connect();
  (reader.socket as unknown as { _socket: { pause(): void } })._socket.pause();
  for (let i = 0; i < 150; i++) reader.send({ type: "subscribe", run: "again" });
  const other = await connect();
  other.send({ type: "subscribe", run: "again", after: 400 });
  await other.until(({ type }) => type === "live");
  await new Promise((resolve) => setTimeout(resolve, 500));
  // What the system takes on its way is some megabytes; asked for are 240.
  expect(traffic.sent.socket - before).toBeLessThan(20_000_000);
  reader.socket.terminate();
  other.close();
});

test("one that asks for run after run in a moment has the last of each looked for alone", async () => {
  const looks = vi.spyOn(database, "all");
  const reader = await connect();
  const ask = (run: string) => reader.send({ type: "subscribe", run });
  for (let i = 0; i < 180; i++) ask("nowhere");
  ask("neither");
  await reader.until((message) => message.type === "refused" && message.run === "neither");
  expect(reader.messages.length).toBeLessThan(60);
  expect(looks.mock.calls.length).toBeLessThan(60);
  looks.mockRestore();
  reader.close();
});

test("what is no message is answered, and too much of it ends the connection", async () => {
  const reader = await connect();
  const bad = [
    "x",
    "null",
    "[]",
    "{}",
    '{"type":"__proto__"}',
    '{"type":"subscribe"}',
    '{"type":"watch","__proto__":{}}',
  ];
  for (const text of bad) reader.send(text);
  await newRun("known");
  await log.append("known", { type: "run", state: "queued" });
  reader.send({ type: "subscribe", run: "unknown" });
  reader.send({ type: "subscribe", run: "known" });
  await reader.until(({ type }) => type === "live");
  const refused = reader.messages.filter(({ type }) => type === "refused");
  expect(refused.length).toBe(bad.length + 1);
  expect(refused).toContainEqual({ type: "refused", run: "unknown", message: "There is no such run" });
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  for (let i = 0; i < 60; i++) reader.send("{");
  expect(await reader.untilClosed()).toBe(1008);
});

test("floods, endless and malformed messages close the connection with the code that says why", async () => {
  const closedAfter = async (act: (socket: WebSocket) => void) => {
    const reader = await connect();
    act(reader.socket);
    return reader.untilClosed();
  };
  const raw = (bytes: number[]) => (socket: WebSocket) =>
    (socket as unknown as { _socket: { write(bytes: Buffer): void } })._socket.write(Buffer.from(bytes));
  expect(await closedAfter((socket) => socket.send("x".repeat(2 ** 20 + 1)))).toBe(1009);
  expect(await closedAfter(raw([0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28]))).toBe(1007); // invalid UTF-8
  expect(await closedAfter(raw([0xc1, 0x80, 0, 0, 0, 0]))).toBe(1002); // a reserved bit
  expect(await closedAfter(raw([0x81, 0x01, 0x78]))).toBe(1002); // not masked
  expect(
    await closedAfter((socket) => {
      for (let i = 0; i < 1_000; i++) socket.send('{"type":"watch"}');
    }),
  ).toBe(1008);
  // Of pings that come faster than they are answered ws itself has enough, and cuts off.
  for (const [flood, codes] of [
    ["ping", [1006, 1008]],
    ["pong", [1008]],
  ] as const)
    expect(codes).toContain(
      await closedAfter((socket) => {
        for (let i = 0; i < 1_000; i++) socket[flood]("x".repeat(125));
      }),
    );
  const other = await connect();
  other.send({ type: "subscribe", run: "known" });
  await other.until(({ type }) => type === "live");
  other.close();
});
