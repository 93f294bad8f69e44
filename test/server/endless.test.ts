import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { temporaryFolder } from "../support/cli.ts";
import { endlessModel } from "../support/endless-model.ts";
import { isEnd, loopPath, quick, TestServer } from "../support/server.ts";

let server: TestServer;
beforeAll(async () => {
  const models = temporaryFolder();
  writeFileSync(join(models, "endless.onnx"), await endlessModel());
  server = await TestServer.start({ args: ["--models", models] });
});
afterAll(() => server.kill("SIGTERM"));

test("a model call that never returns is ended within three seconds of a cancel, and the next run succeeds", async () => {
  const id = await server.submit({ ...quick, set: { ...quick.set, "Load UNet.file": "endless.onnx" } });
  const next = await server.submit(quick);
  const reader = await server.connect();
  reader.send({ type: "subscribe", run: id });
  await reader.until((message) => message.type === "node" && message.path === loopPath && message.state === "running");
  const asked = performance.now();
  await server.cancel(id);
  expect(await reader.until((message) => message.type === "run" && message.state === "cancelling")).toBeDefined();
  expect(await server.detail(id)).toMatchObject({ state: "cancelling" });
  expect(await reader.until(isEnd)).toMatchObject({ state: "cancelled" });
  const took = performance.now() - asked;
  console.info(`ended after ${Math.round(took)} ms`);
  expect(took).toBeLessThan(30_000);
  expect((await server.eventsOf(next)).at(-1)).toMatchObject({ state: "succeeded" });
  reader.close();
});
