import { expect, test } from "vitest";
import { quick, TestServer, tiny } from "../support/server.ts";

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
  // What other servers are sent to have their logs reopened is no end either, and opens no debugger.
  const unused = ["SIGUSR1", "SIGUSR2"] as const;
  for (const worker of workers)
    for (const signal of ["SIGHUP", "SIGTERM", "SIGINT", ...unused]) process.kill(worker, signal);
  for (const signal of unused) server.process.kill(signal);
  for (const signal of unused) await expect.poll(() => server.log.join("\n")).toContain(`${signal} means nothing here`);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(server.workers()).toEqual(workers);
  expect(server.log.join("\n")).not.toMatch(/Debugger/);
  expect(await server.kill("SIGHUP")).toBe(0);
});

test("a terminal that is closed during a run interrupts it, and what was waiting goes on with the next server", async () => {
  const server = await TestServer.start();
  const steps = { "Diffusion Schedule.timestep_respacing": "1000" };
  const long = await server.submit({ ...quick, set: { ...quick.set, ...steps } });
  const next = await server.submit(tiny);
  const reader = await server.connect();
  reader.send({ type: "subscribe", run: long });
  await reader.until((message) => message.type === "step");
  // As the terminal does it: everybody in it, at once.
  for (const worker of server.workers()) process.kill(worker, "SIGHUP");
  expect(await server.kill("SIGHUP")).toBe(0);
  const after = await TestServer.start({ data: server.data });
  try {
    expect(await after.detail(long)).toMatchObject({ state: "interrupted", failure: { code: "SERVER_STOPPED" } });
    expect((await after.eventsOf(next)).at(-1)).toMatchObject({ state: "succeeded" });
  } finally {
    await after.kill("SIGTERM");
  }
});
