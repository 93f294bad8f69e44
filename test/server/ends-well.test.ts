import { expect, test } from "vitest";
import { TestServer } from "../support/server.ts";

test("a server whose log nobody takes any more serves on, and ends with 0", async () => {
  const server = await TestServer.start();
  server.process.stdout?.destroy();
  server.process.stderr?.destroy();
  // Each refusal is a line of the log.
  for (let i = 0; i < 20; i++) expect((await server.request(`/api/runs/none-${i}`)).status).toBe(404);
  expect((await server.request("/api/health")).status).toBe(200);
  expect(await server.kill("SIGTERM")).toBe(0);
});

test("a closed terminal, which reaches all its processes, ends a server in good order", async () => {
  const server = await TestServer.start();
  // Both have started when both have answered.
  await server.json("/api/images");
  while ((await server.json<{ backend: string }>("/api/health")).backend === "starting")
    await new Promise((resolve) => setTimeout(resolve, 50));
  const workers = server.workers();
  for (const worker of workers) for (const signal of ["SIGHUP", "SIGTERM", "SIGINT"]) process.kill(worker, signal);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(server.workers()).toEqual(workers);
  expect(await server.kill("SIGHUP")).toBe(0);
});
