import { createServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { boundAllWaiting, withoutPipelines } from "../../server/outgoing/all-waiting.ts";
import { Traffic } from "../../server/service/traffic.ts";

const size = 2 ** 23;
const reply = Buffer.alloc(size, "x");
const traffic = new Traffic();
let http: Server;
let asked = 0;
let end: () => void;

beforeAll(async () => {
  const answer: RequestListener = (request, response) => {
    asked++;
    if (request.url === "/large") response.end(reply);
    else setTimeout(() => response.end("small"), 100);
  };
  http = createServer(withoutPipelines(answer));
  http.on("connection", (socket) => traffic.carry(socket, "http"));
  end = boundAllWaiting(() => traffic.sockets, {
    maxBytes: 4 * size,
    everyMs: 20,
    ended: (socket) => traffic.noteStalled(socket),
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
  end();
  http.close().closeAllConnections();
});

const at = (path: string) => `http://127.0.0.1:${(http.address() as AddressInfo).port}${path}`;
async function sends(text: string): Promise<Socket> {
  const socket = connect((http.address() as AddressInfo).port, "127.0.0.1").on("error", () => {});
  await new Promise((resolve) => socket.once("connect", resolve));
  socket.write(text);
  return socket;
}
const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
const waiting = () => [...traffic.sockets].reduce((sum, { writableLength }) => sum + writableLength, 0);

test("of readers that take nothing some are let go, whoever takes is served", async () => {
  const stalled = await Promise.all(Array.from({ length: 30 }, () => sends(get("/large"))));
  for (const socket of stalled) socket.pause();
  await expect.poll(() => traffic.stalled.http).toBeGreaterThan(0);
  await expect.poll(waiting).toBeLessThanOrEqual(4 * size);
  for (let i = 0; i < 3; i++) expect((await (await fetch(at("/large"))).arrayBuffer()).byteLength).toBe(size);
  expect(traffic.stalled.http).toBeGreaterThan(20);
  for (const socket of stalled) socket.destroy();
}, 20_000);

test("a connection over which more is asked than is answered is ended, one that is a little ahead is not", async () => {
  asked = 0;
  const eager = await sends(get("/small").repeat(1_000));
  await new Promise((resolve) => eager.once("close", resolve).resume());
  expect(asked).toBeLessThan(20);
  const ahead = await sends(get("/small").repeat(16));
  let text = "";
  ahead.setEncoding("utf8").on("data", (more) => (text += more));
  await expect.poll(() => text.split("small").length - 1, { timeout: 10_000 }).toBe(16);
  ahead.destroy();
});
