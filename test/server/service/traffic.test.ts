import { createServer, get, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { Traffic } from "../../../server/service/traffic.ts";

const size = 100_000;

test("bytes are counted of connections that are open and of those that have gone, by what they carried at last", async () => {
  const traffic = new Traffic();
  const server: Server = createServer((request, response) => {
    if (request.url === "/socket") traffic.carry(request.socket, "socket");
    response.end("x".repeat(size));
  });
  server.on("connection", (socket) => traffic.carry(socket, "http"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const load = (path: string, headers: Record<string, string>) =>
    new Promise((resolve) => {
      get({ port, path, headers }, (response) => response.resume().on("end", resolve));
    });
  await load("/", { Connection: "close" });
  await load("/socket", { Connection: "keep-alive" });
  await expect.poll(() => traffic.connections("http")).toBe(0);
  for (const sent of Object.values(traffic.sent)) {
    expect(sent).toBeGreaterThan(size);
    expect(sent).toBeLessThan(size + 1_000);
  }
  expect(traffic.connections("socket")).toBe(1);
  server.closeAllConnections();
  server.close();
  await expect.poll(() => traffic.connections("socket")).toBe(0);
  expect(traffic.sent.socket).toBeGreaterThan(size);
});
