/** A server is killed while two workers draw: the next one takes what they bring, and nothing is drawn again. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { documentBuilder, writeDocument } from "../../../graphs/document/index.ts";
import { registryWith } from "../../../server/engine/own-nodes.ts";
import { packageRoot } from "../../../server/files/package-root.ts";
import type { Health } from "../../../server/protocol.ts";
import { temporaryFolder } from "../../support/cli.ts";
import { TestHelper } from "../../support/helper.ts";
import { freePort, TestRedis } from "../../support/redis.ts";
import { TestServer } from "../../support/server.ts";

const slow = join(packageRoot, "test", "fixtures", "nodes", "slow.mjs");
const token = "a-secret-of-the-owner-1234";
const batches = 24;

const b = documentBuilder(await registryWith([slow]), { title: "Noise" });
const labels = b.add("guidegraph/class-labels", { num_classes: 10, count: 2 }).out("labels");
const x = b.add("guidegraph/gaussian-noise", { labels, height: 16 }).out("x_T");
const decoded = b.add("guidegraph/decode-image", { x }).out("image");
const images = b.add("guidegraph/slow-pictures", { images: decoded, ms: 250 }).out("images");
b.add("guidegraph/save-npz", { images, labels });
const graph = writeDocument(b.document());

const begun = join(temporaryFolder(), "begun");
const begunNow = () => readFileSync(begun, "utf8").split("\n").filter(Boolean);
const data = temporaryFolder();
const port = await freePort();
const redis = await TestRedis.start();
const args = ["--nodes", slow, "--redis", redis.url, "--only-workers", "--port", `${port}`];
const startServer = () => TestServer.start({ data, token, args });
let server = await startServer();
const helpers: TestHelper[] = [];
afterAll(async () => {
  await Promise.all([server, ...helpers].map((one) => one.kill("SIGKILL")));
  await redis.kill();
});
for (let i = 0; i < 2; i++)
  helpers.push(
    await TestHelper.start({
      ...{ redis: redis.url, server: server.url, token, args: ["--nodes", slow] },
      environment: { GUIDEGRAPH_BEGUN: begun },
    }),
  );

const atWork = async () =>
  ((await server.json<Health>("/api/health")).machines?.workers ?? [])
    .flatMap(({ devices }) => devices)
    .flatMap(({ at }) => (at && at.to - at.from > 2 ? [at] : []));

test.each([
  ["which one brings while it is away", 3_000],
  ["which both bring when it is back", 500],
])(
  "killed with -9, %s",
  async (_, awayMs) => {
    const already = existsSync(begun) ? begunNow().length : 0;
    const id = await server.submit({ graph, batches, set: { "Gaussian Noise.seed": awayMs } });
    await expect.poll(async () => (await atWork()).length, { timeout: 30_000 }).toBe(2);
    // A run of which no batch is noted is interrupted.
    await new Promise((resolve) => setTimeout(resolve, 200));
    await server.kill("SIGKILL");
    await new Promise((resolve) => setTimeout(resolve, awayMs));
    server = await startServer();
    const events = await server.eventsOf(id);
    expect(events.at(-1)).toMatchObject({ type: "run", state: "succeeded" });
    const told = events.flatMap((event) => (event.type === "batch" ? [event.index] : []));
    expect(new Set(told).size).toBe(told.length);
    expect(begunNow()).toHaveLength(already + batches);
    expect(server.log.join("\n")).toMatch(/Workers are at 2 shards of an earlier server: what they bring is taken/);
    expect(helpers.flatMap(({ log }) => log).join("\n")).not.toMatch(/in vain|Redis has lost/);
  },
  60_000,
);
