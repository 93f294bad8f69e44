/**
 * What a queue in Redis costs: beside a shard, in its memory, and for a server of a thousand machines. With a real Redis, of this
 * machine, and a real worker; the thousand are processes that answer and draw nothing.
 */
import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { documentBuilder, writeDocument } from "../../graphs/document/index.ts";
import { registryWith } from "../../server/engine/own-nodes.ts";
import { packageRoot } from "../../server/files/package-root.ts";
import { Desk } from "../../server/machines/desk.ts";
import { Fleet } from "../../server/machines/fleet.ts";
import { Jobs } from "../../server/machines/jobs.ts";
import type { Health } from "../../server/protocol.ts";
import { protocol, signMs } from "../../server/shards/shard.ts";
import { TestHelper } from "../support/helper.ts";
import { TestRedis } from "../support/redis.ts";
import { TestServer } from "../support/server.ts";

const slow = join(packageRoot, "test", "fixtures", "nodes", "slow.mjs");
const token = "a-secret-of-the-bench-1234";
const shardMs = 20_000;
/** Of the simulation: a million are as many times more. */
const [fakeDevices, fakeProcesses, fakeShards] = [1_000, 2, 20_000];

export async function machines(): Promise<void> {
  console.log("\nMachines: shards by a Redis of this machine");
  const redis = await TestRedis.start();
  try {
    await oneWorker(redis);
    const client = new Redis(redis.url);
    await client.flushall();
    client.disconnect();
    await thousand(redis);
  } finally {
    await redis.kill();
  }
}

/** A graph of so many pictures of 16×16 a batch, each of which takes so long. */
async function pictures(count: number, ms: number): Promise<object> {
  const b = documentBuilder(await registryWith([slow]), { title: "Noise" });
  const labels = b.add("guidegraph/class-labels", { num_classes: 10, count }).out("labels");
  const x = b.add("guidegraph/gaussian-noise", { labels, height: 16, generator: "philox" }).out("x_T");
  const decoded = b.add("guidegraph/decode-image", { x }).out("image");
  const images = b.add("guidegraph/slow-pictures", { images: decoded, ms }).out("images");
  b.add("guidegraph/save-npz", { images, labels });
  return writeDocument(b.document());
}

async function oneWorker(redis: TestRedis): Promise<void> {
  const args = ["--nodes", slow, "--redis", redis.url, "--only-workers"];
  const server = await TestServer.start({ args, token });
  const helper = await TestHelper.start({ redis: redis.url, server: server.url, token, args: ["--nodes", slow] });
  const client = new Redis(redis.url);
  try {
    const shards = async () =>
      ((await server.json<Health>("/api/health")).machines?.workers ?? []).reduce((sum, { done }) => sum + done, 0);
    const empty = await usedBy(client);
    const begun = performance.now();
    let most = 0;
    const look = setInterval(async () => {
      most = Math.max(most, await usedBy(client));
    }, 100);
    const id = await server.submit({ graph: await pictures(50, 1), batches: 1_000 });
    await server.eventsOf(id);
    clearInterval(look);
    const seconds = (performance.now() - begun) / 1_000;
    console.log(
      `  50,000 pictures in ${seconds.toFixed(0)} s: Redis holds ${((most - empty) / 2 ** 20).toFixed(2)} MiB more at most`,
    );

    const before = await shards();
    const events = await server.eventsOf(await server.submit({ graph: await pictures(1, 100), batches: 100 }));
    const drawn = events.flatMap((event) => (event.type === "batch" ? [event] : []));
    const [first, last] = [events.find(({ type }) => type === "run"), drawn[drawn.length - 1]];
    const wall = Date.parse(last.at) - Date.parse(first?.at ?? "");
    // The worker tells what it did with its next sign of life.
    await new Promise((resolve) => setTimeout(resolve, 2 * signMs));
    const count = (await shards()) - before;
    const each = (wall - drawn.reduce((sum, { ms }) => sum + ms, 0)) / count;
    console.log(
      `  beside what is drawn a shard takes ${each.toFixed(0)} ms (of ${count}), ${((100 * each) / shardMs).toFixed(2)} % of 20 s`,
    );
  } finally {
    client.disconnect();
    await helper.kill("SIGTERM");
    await server.kill("SIGTERM");
  }
}

/** The server's side as it is, a slot a device; the devices put a byte for a result. */
async function thousand(redis: TestRedis): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "guidegraph-bench-machines-"));
  const client = new Redis(redis.url, { maxRetriesPerRequest: null });
  const desk = new Desk(folder);
  const jobs = new Jobs(client, desk, () => {});
  const fleet = new Fleet({ redis: client, sign: { id: "bench", version: "0", protocol }, say: () => {} });
  await jobs.begin();
  const children = Array.from({ length: fakeProcesses }, (_, i) =>
    fork(join(packageRoot, "dist", "test", "bench", "fake-workers.js"), [
      redis.url,
      folder,
      String(fakeDevices / fakeProcesses),
      String(i),
    ]),
  );
  await Promise.all(children.map((child) => new Promise((resolve) => child.once("message", resolve))));
  let [most, next] = [0, 0];
  const look = setInterval(async () => {
    await fleet.look();
    desk.lookAtAll();
    most = Math.max(most, await usedBy(client));
  }, signMs);
  const cpu = process.cpuUsage();
  const began = performance.now();
  const slot = async () => {
    for (let at = next++; at < fakeShards; at = next++)
      await jobs.draw({ run: "bench", order: "0".repeat(64), from: at, to: at + 1 }, new AbortController().signal);
  };
  await Promise.all(Array.from({ length: fakeDevices }, slot));
  const seconds = (performance.now() - began) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  clearInterval(look);
  const rate = fakeShards / seconds;
  console.log(
    `  ${fleet.size} devices of fake workers, ${fakeShards} shards: ${rate.toFixed(0)} a second (10⁶ in ${(1e6 / rate / 60).toFixed(0)} min; at 20 s a shard they ask for ${fakeDevices / 20}), Redis holds ${(most / 2 ** 20).toFixed(1)} MiB at most, ${((user + system) / fakeShards / 1_000).toFixed(2)} ms of the server's processor a shard`,
  );
  for (const child of children) child.kill("SIGKILL");
  await jobs.close();
  client.disconnect();
  rmSync(folder, { recursive: true, force: true });
}

async function usedBy(client: Redis): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await client.info("memory"))?.[1]);
}
