/** Runs that other machines draw, by a real Redis: the files are those of one machine, whatever becomes of whom. */
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { documentBuilder, writeDocument } from "../../../graphs/document/index.ts";
import { registryWith } from "../../../server/engine/own-nodes.ts";
import { packageRoot } from "../../../server/files/package-root.ts";
import type { Logged } from "../../../server/protocol.ts";
import { TestHelper } from "../../support/helper.ts";
import { TestRedis } from "../../support/redis.ts";
import { TestServer } from "../../support/server.ts";

const slow = join(packageRoot, "test", "fixtures", "nodes", "slow.mjs");
const registry = await registryWith([slow]);
const token = "a-secret-of-the-owner-1234";
const batches = 24;

/** Noise as pictures, three a batch, with labels: no model, and a while for each batch. */
function noise({ ms = 60, ...how }: { readonly ms?: number; readonly dies_on?: string } = {}): object {
  const b = documentBuilder(registry, { title: "Noise" });
  const labels = b.add("guidegraph/class-labels", { num_classes: 10, count: 3 }).out("labels");
  const schedule = b.add("guidegraph/diffusion-schedule", { timestep_respacing: "5" }).out("schedule");
  const x = b.add("guidegraph/gaussian-noise", { schedule, batch: 3, height: 16, generator: "philox" }).out("x_T");
  const decoded = b.add("guidegraph/decode-image", { x }).out("image");
  const images = b.add("guidegraph/slow-pictures", { images: decoded, ms, ...how }).out("images");
  b.add("guidegraph/save-npz", { images, labels, num_samples: 70 });
  b.add("guidegraph/save-png", { images, name: "noise" });
  return writeDocument(b.document());
}

const savedIn = (events: readonly Logged[]): Record<string, string> =>
  Object.fromEntries(events.flatMap((event) => (event.type === "output" ? [[event.name, event.sha256]] : [])));

/** What it saved, when it is over: each batch was told once, in order, and no number is missing. */
async function end(server: TestServer, id: string): Promise<Record<string, string>> {
  const events = await server.eventsOf(id);
  expect(events.at(-1)).toMatchObject({ type: "run", state: "succeeded" });
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
  const told = events.flatMap((event) => (event.type === "batch" ? [event.index] : []));
  expect(told).toEqual([...Array(batches).keys()]);
  return savedIn(events);
}
const ran = async (server: TestServer, body: object) => end(server, await server.submit(body));

const redis = await TestRedis.start();
const start = (...args: string[]) =>
  TestServer.start({ args: ["--nodes", slow, "--redis", redis.url, ...args], token });
const server = await start("--only-workers");
const alone = TestServer.start({ args: ["--nodes", slow] });
const helpers: TestHelper[] = [];
async function helper(...args: string[]): Promise<TestHelper> {
  const started = await TestHelper.start({
    redis: redis.url,
    server: server.url,
    token,
    args: ["--nodes", slow, ...args],
  });
  helpers.push(started);
  return started;
}
afterAll(async () => {
  await Promise.all([...helpers, server, await alone].map((one) => one.kill("SIGKILL")));
  await redis.kill();
});
const wanted = alone.then((one) => ran(one, { graph: noise(), batches }));

test("on one machine that helps, two and four devices of others, the files are those of one", async () => {
  const files = await wanted;
  expect(Object.keys(files)).toHaveLength(3 * batches + 1);
  expect(Object.keys(files)).toContain("samples_70x16x16x3.npz");
  await helper();
  expect(await ran(server, { graph: noise(), batches })).toEqual(files);
  await helper();
  expect(await ran(server, { graph: noise(), batches })).toEqual(files);
  await helper("--devices", "cpu*2");
  expect(await ran(server, { graph: noise(), batches })).toEqual(files);
});
