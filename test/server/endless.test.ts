import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { graphBuilder, writeModel } from "../../onnx/index.ts";
import { temporaryFolder } from "../support/cli.ts";
import { isEnd, loopPath, quick, TestServer } from "../support/server.ts";

/** A UNet whose one call never returns: a Loop without a count whose condition stays true. */
async function endlessModel(): Promise<Uint8Array> {
  const shape = ["N", 3, 32, 32];
  const body = graphBuilder("body/");
  body.input("i", "int64", []);
  const going = body.input("going", "bool", []);
  const value = body.input("value", "float32", shape);
  body.output("still", body.Identity(going), "bool", []);
  body.output("next", body.Add(value, 1), "float32", shape);
  const op = graphBuilder();
  const x = op.input("x", "float32", shape);
  const always = op.LessOrEqual(op.ReduceMin(op.Abs(x), { keepdims: 0 }), 1e30);
  op.output("out", op.Loop(null, always, x, { body: body.graph("body") }), "float32", shape);
  return writeModel(op.model("endless"));
}

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
