/**
 * A server is killed, or told to end, while two workers draw: the next one takes what they bring, and nothing is drawn again. With a
 * folder that both see workers bring it while there is no server.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { documentBuilder, writeDocument } from "../../../graphs/document/index.ts";
import { registryWith } from "../../../server/engine/own-nodes.ts";
import { hasBegun } from "../../../server/files/journals.ts";
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
const begunNow = () => (existsSync(begun) ? readFileSync(begun, "utf8").split("\n").filter(Boolean).length : 0);
const redis = await TestRedis.start();
const helpers: TestHelper[] = [];
let server: TestServer;
/** Of each run another, so that nobody has its pictures in a cache. */
let seed = 0;
afterAll(async () => {
  await Promise.all([server, ...helpers].map((one) => one.kill("SIGKILL")));
  await redis.kill();
});

const atWork = async () =>
  ((await server.json<Health>("/api/health")).machines?.workers ?? [])
    .flatMap(({ devices }) => devices)
    .flatMap(({ at }) => (at && at.to - at.from > 2 ? [at] : []));

/** How many results lie there that the server has not taken. */
const broughtTo = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => /results.[0-9a-f]{64}$/.test(path))
    .length;

/** Until nobody begins a batch any more: one takes a quarter of a second. */
async function drawnOut(): Promise<void> {
  let last = -1;
  const isSame = () => {
    const before = last;
    last = begunNow();
    return last === before;
  };
  await expect.poll(isSame, { timeout: 30_000, interval: 1_500 }).toBe(true);
}

/** `isAwayLong`: until all that workers were given is drawn. */
type Row = readonly [title: string, signal: NodeJS.Signals, isAwayLong: boolean];
const http: readonly Row[] = [
  ["killed with -9, which are drawn while it is away", "SIGKILL", true],
  ["killed with -9, which are drawn on when it is back", "SIGKILL", false],
  ["told to end", "SIGTERM", false],
];
const folder: readonly Row[] = [["killed with -9, which are brought while it is away", "SIGKILL", true]];

describe.each<[string, readonly string[], readonly Row[]]>([
  ["over HTTP", [], http],
  ["in a folder", ["--results", temporaryFolder()], folder],
])("results %s", (_, how, rows) => {
  const data = temporaryFolder();
  const results = how[1];
  let start: () => Promise<TestServer>;
  beforeAll(async () => {
    await Promise.all([...(server ? [server] : []), ...helpers].map((one) => one.kill("SIGTERM")));
    helpers.length = 0;
    const args = ["--nodes", slow, "--redis", redis.url, "--only-workers", "--port", `${await freePort()}`, ...how];
    start = () => TestServer.start({ data, token, args });
    server = await start();
    const to = how.length === 0 ? { server: server.url, token } : {};
    const helper = { redis: redis.url, ...to, args: ["--nodes", slow, ...how] };
    for (let i = 0; i < 2; i++)
      helpers.push(await TestHelper.start({ ...helper, environment: { GUIDEGRAPH_BEGUN: begun } }));
  });

  test.each(rows)(
    "%s",
    async (_, signal, isAwayLong) => {
      const already = begunNow();
      const id = await server.submit({ graph, batches, set: { "Gaussian Noise.seed": ++seed } });
      await expect.poll(async () => (await atWork()).length, { timeout: 30_000 }).toBe(2);
      // A run of which no batch is noted is interrupted.
      await expect.poll(() => hasBegun(join(data, "runs", id, "outputs"))).toBe(true);
      await server.kill(signal);
      if (isAwayLong) await drawnOut();
      // Those that it had not yet taken lie there too.
      if (isAwayLong && results)
        await expect.poll(() => broughtTo(results), { timeout: 10_000 }).toBeGreaterThanOrEqual(2);
      server = await start();
      const events = await server.eventsOf(id);
      expect(events.at(-1)).toMatchObject({ type: "run", state: "succeeded" });
      const told = events.flatMap((event) => (event.type === "batch" ? [event.index] : []));
      expect(told).toEqual([...Array(batches).keys()]);
      expect(begunNow() - already).toBe(batches);
      expect(helpers.flatMap(({ log }) => log).join("\n")).not.toMatch(/in vain|Redis has lost|Gave back|Let go of/);
    },
    60_000,
  );
});
