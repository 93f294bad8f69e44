import { Agent, request } from "node:http";
import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { graph, TestServer } from "../support/server.ts";

/** Connections may be half of that. */
const mayOpen = 800;
let server: TestServer;
beforeAll(async () => {
  server = await TestServer.start({ within: ["bash", "-c", `ulimit -n ${mayOpen}; exec "$@"`, "-"] });
});
afterAll(() => server.kill("SIGTERM"));

test.skipIf(process.platform !== "linux")("connections never take the last file that a server may open", async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const { port } = new URL(server.url);
  /** Over one connection, which is there already. */
  const ask = (method: string, path: string, body = "") =>
    new Promise<[status: number | undefined, text: string]>((resolve, reject) => {
      const headers = { Origin: server.url, "Content-Type": "application/json" };
      request({ port, host: "127.0.0.1", method, path, headers, agent }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (more) => (text += more));
        response.on("end", () => resolve([response.statusCode, text]));
      })
        .on("error", reject)
        .end(body);
    });
  expect((await ask("GET", "/api/health"))[0]).toBe(200);
  const crowd = Array.from({ length: mayOpen }, () => connect(Number(port), "127.0.0.1").on("error", () => {}));
  await Promise.all(crowd.map((one) => new Promise((resolve) => one.once("connect", resolve).once("close", resolve))));
  expect((await ask("PUT", "/api/graphs/mine", JSON.stringify(graph("guided-ddim"))))[0]).toBe(201);
  const [status, text] = await ask("GET", "/api/graphs");
  expect([status, JSON.parse(text).length > 10]).toEqual([200, true]);
  expect((await ask("GET", "/api/health"))[0]).toBe(200);
  expect((await ask("GET", "/api/models"))[0]).toBe(200);
  for (const one of crowd) one.destroy();
  agent.destroy();
  expect(server.log.join("\n")).toMatch(/More than 400 connections: others are closed/);
});
