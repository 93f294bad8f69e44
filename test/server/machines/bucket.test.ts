/** Orders and results through an S3-compatible store. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { documentBuilder, writeDocument } from "../../../graphs/document/index.ts";
import { nodes } from "../../../nodes/index.ts";
import { Desk } from "../../../server/machines/desk.ts";
import { serverId } from "../../../server/machines/fleet.ts";
import { Mirror } from "../../../server/machines/mirror.ts";
import { Bucket } from "../../../server/shards/bucket.ts";
import { bucketExchange, ownPrefix } from "../../../server/shards/bucket-exchange.ts";
import { keyOf, type Order, protocol } from "../../../server/shards/shard.ts";
import { guidegraph, temporaryFolder } from "../../support/cli.ts";
import { TestHelper } from "../../support/helper.ts";
import { TestRedis } from "../../support/redis.ts";
import { bucketName, hasS3, startS3, type TestS3 } from "../../support/s3.ts";
import { TestServer } from "../../support/server.ts";

const { signal } = new AbortController();
const url = `s3://${bucketName}/thesis`;
const order: Order = { run: "r", version: "1", protocol, graph: "{}", batches: 2, identity: "i", files: [] };
const fileOf = (text: string): string => {
  const path = join(temporaryFolder(), "result");
  writeFileSync(path, text);
  return path;
};

describe.skipIf(!hasS3)("a bucket", async () => {
  const s3: TestS3 | undefined = hasS3 ? await startS3() : undefined;
  afterAll(() => void s3?.process.kill("SIGKILL"));
  const bucketOf = () => new Bucket({ url, environment: s3?.environment ?? {}, say: () => {} });

  test("keeps what was put first, lists it, and lets go of it", async () => {
    const bucket = bucketOf();
    await bucket.check();
    const put = await Promise.all(["one", "other"].map((text) => bucket.put("a/1", new Blob([text]), signal)));
    expect(put.filter(Boolean)).toHaveLength(1);
    expect(await bucket.put("a/1", "third", signal)).toBe(false);
    expect(["one", "other"]).toContain(await (await bucket.get("a/1", signal))?.text());
    await bucket.put("b/2", "more", signal);
    expect((await bucket.list("a/", signal)).map(({ key }) => key)).toEqual(["a/1"]);
    expect(await bucket.folders("", signal)).toEqual(["a/", "b/"]);
    for (const key of ["a/1", "b/2", "none"]) await bucket.remove(key, signal);
    expect([await bucket.list("", signal), await bucket.has("a/1", signal)]).toEqual([[], false]);
    expect(await bucket.get("a/1", signal)).toBeUndefined();
  });

  test("brings results to the desk that awaits them, each once, and nothing of theirs is left there", async () => {
    const bucket = bucketOf();
    const mirror = new Mirror(bucket, ownPrefix("host:/data"));
    const desk = new Desk(temporaryFolder(), mirror);
    const exchange = bucketExchange(bucketOf());
    const laidOut = await desk.layOut(order, new Map());
    expect(JSON.parse(await exchange.order(laidOut.hash, signal))).toEqual(order);
    const shard = { run: "r", order: laidOut.hash, from: 0, to: 1 };
    const came: string[] = [];
    desk.await(keyOf(shard), (path) => came.push(path));
    for (const text of ["first", "second"]) await exchange.put(shard, fileOf(text), signal);
    // One of a run that nobody here knows is nobody's.
    await exchange.put({ ...shard, order: "0".repeat(64) }, fileOf("strange"), signal);
    const looked = async () => {
      await desk.lookAtAll();
      return came;
    };
    await expect.poll(looked).toHaveLength(1);
    expect(readFileSync(came[0], "utf8")).toBe("first");
    await desk.takeAway(laidOut);
    await expect(exchange.order(laidOut.hash, signal)).rejects.toThrow(/has no such order: its run is over/);
    await expect.poll(() => bucket.list("guidegraph-shards/", signal)).toEqual([]);
    await bucket.put(`${ownPrefix("host:/data")}results/left`, "by another server", signal);
    await bucket.put(`${ownPrefix("other:/data")}results/kept`, "of another server", signal);
    await desk.clear();
    const left = await bucket.list("guidegraph-shards/", signal);
    expect(left.map(({ key }) => key)).toEqual([`${ownPrefix("other:/data")}results/kept`]);
    await desk.close();
  });

  test("carries a run from a worker to its server, whose files are those of one machine", async () => {
    const b = documentBuilder(nodes, { title: "Noise" });
    const labels = b.add("guidegraph/class-labels", { num_classes: 10, count: 2 }).out("labels");
    const x = b.add("guidegraph/gaussian-noise", { labels, height: 16 }).out("x_T");
    const images = b.add("guidegraph/decode-image", { x }).out("image");
    b.add("guidegraph/save-npz", { images, labels });
    b.add("guidegraph/save-png", { images, name: "noise" });
    const graph = writeDocument(b.document());
    const path = fileOf(JSON.stringify(graph));
    const out = temporaryFolder();
    expect(await guidegraph(["run", path, "--batches", "6", "--backend", "cpu", "--out", out])).toMatchObject({
      code: 0,
    });
    const hash = (name: string) =>
      createHash("sha256")
        .update(readFileSync(join(out, name)))
        .digest("hex");
    const wanted = Object.fromEntries(readdirSync(out).map((name) => [name, hash(name)]));

    const redis = await TestRedis.start();
    const results = ["--results", url];
    const { environment } = s3 as TestS3;
    const server = await TestServer.start({ args: ["--redis", redis.url, "--only-workers", ...results], environment });
    const helper = await TestHelper.start({ redis: redis.url, args: results, environment });
    try {
      const events = await server.eventsOf(await server.submit({ graph, batches: 6 }));
      expect(events.at(-1)).toMatchObject({ type: "run", state: "succeeded" });
      const saved = events.flatMap((event) => (event.type === "output" ? [[event.name, event.sha256]] : []));
      expect(Object.fromEntries(saved)).toEqual(wanted);
      await expect
        .poll(() => bucketOf().list(ownPrefix(serverId(server.data)), signal), { timeout: 20_000 })
        .toEqual([]);
      expect(await server.kill("SIGTERM")).toBe(0);
      expect(await helper.kill("SIGTERM")).toBe(0);
      expect([...server.log, ...helper.log].join("\n")).not.toContain("secret");
    } finally {
      await Promise.all([server.kill("SIGKILL"), helper.kill("SIGKILL"), redis.kill()]);
    }
  }, 60_000);
});

/** A bucket in memory, with when what was put there; `fails`: how often a result breaks off on its way. */
function heldBucket(held: Map<string, { text: string; at: number }>, fails = 0): Bucket {
  return {
    list: async (begin: string) => [...held].flatMap(([key, { at }]) => (key.startsWith(begin) ? [{ key, at }] : [])),
    async get(key: string) {
      if (fails-- > 0) {
        const broken = new ReadableStream({ pull: (stream) => stream.error(new Error("It broke off")) });
        return new Response(broken);
      }
      return new Response(held.get(key)?.text);
    },
    remove: async (key: string) => void held.delete(key),
  } as unknown as Bucket;
}

test("a result that breaks off on its way stays there and is brought again; of those that nobody awaits old ones go", async () => {
  const now = Date.now();
  const held = new Map(
    Object.entries({ awaited: 0, young: 59_000, old: 61_000 }).map(([name, age]) => [
      `s/results/${name}`,
      { text: name, at: now - age },
    ]),
  );
  const folder = temporaryFolder();
  const came: string[] = [];
  const mirror = new Mirror(heldBucket(held, 2), "s/");
  const looked = async () => {
    mirror.look({
      placeOf: (key) => join(folder, key),
      isAwaited: (key) => key === "awaited" && came.length === 0,
      came: (key) => came.push(key),
    });
    return [...held.keys()];
  };
  await expect.poll(looked).toEqual(["s/results/young"]);
  expect([came, readdirSync(folder), readFileSync(join(folder, "awaited"), "utf8")]).toEqual([
    ["awaited"],
    ["awaited"],
    "awaited",
  ]);
  await mirror.close();
});

const environment = { AWS_ACCESS_KEY_ID: "somebody", AWS_SECRET_ACCESS_KEY: "secret" };
const bucketAt = (given: string, more: NodeJS.ProcessEnv = {}) =>
  new Bucket({ url: given, environment: { ...environment, ...more }, say: () => {} });

test.each([
  ["s3://", {}, /takes a bucket as s3:\/\/bucket/],
  ["s3://a", {}, /takes a bucket as/],
  ["s3://bucket/../other", {}, /takes a bucket as/],
  ["s3://bucket/a b", {}, /takes a bucket as/],
  ["s3://user:secret@bucket", {}, /takes a bucket as/],
  ["s3://bucket", { AWS_SECRET_ACCESS_KEY: undefined }, /from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY/],
  ["s3://bucket", { AWS_ENDPOINT_URL: "store:9000" }, /AWS_ENDPOINT_URL takes an address such as/],
])("%s with %j is refused", (given, more, said) => {
  expect(() => bucketAt(given, more)).toThrow(said);
});

/** A store that answers with these, one after the other, the last for ever. */
async function answering(...statuses: readonly number[]) {
  const asked: string[] = [];
  const http = createServer((request, response) => {
    asked.push(`${request.method}${request.headers["if-none-match"] ? " if new" : ""}`);
    request.resume().on("end", () => {
      const status = statuses[Math.min(asked.length, statuses.length) - 1];
      response
        .writeHead(status)
        .end(status < 400 ? "" : "<Error><Code>AccessDenied</Code><Message>No</Message></Error>");
    });
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const AWS_ENDPOINT_URL = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  return { asked, bucket: bucketAt("s3://bucket", { AWS_ENDPOINT_URL }), close: () => http.close() };
}

test.each([
  [[200], ["PUT if new"], true],
  [[503, 500, 200], ["PUT if new", "PUT if new", "PUT if new"], true],
  [[409, 412], ["PUT if new", "PUT if new"], false],
  [[501, 404, 200], ["PUT if new", "HEAD", "PUT"], true],
  [[501, 200], ["PUT if new", "HEAD"], false],
] as const)("a store that answers %j is asked %j, and has it new: %s", async (statuses, wanted, isNew) => {
  const { asked, bucket, close } = await answering(...statuses);
  expect([await bucket.put("key", "rows", signal), asked]).toEqual([isNew, wanted]);
  close();
});

test("one that lets nobody in, or is not there, is told at the start", async () => {
  const { bucket, close } = await answering(403);
  await expect(bucket.check()).rejects.toThrow(/^Cannot use s3:\/\/bucket\/: AccessDenied: No$/);
  await expect(bucket.put("key", "rows", signal)).rejects.toThrow(/^Cannot put key in .*: AccessDenied: No$/);
  close();
  await expect(bucket.check()).rejects.toThrow(/^Cannot reach the store of s3:\/\/bucket\/ at http:.*: ECONNREFUSED$/);
});

test("what does not fit one answer is asked for page by page", async () => {
  const asked: (string | null)[] = [];
  const contents = (key: string) =>
    `<Contents><Key>thesis/${key}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>`;
  const http = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? "", "http://store");
    asked.push(searchParams.get("continuation-token"));
    const more = asked.length === 1 ? "<NextContinuationToken>a+/=b</NextContinuationToken>" : "";
    response.end(`<ListBucketResult>${contents(`a/${asked.length}`)}${more}</ListBucketResult>`);
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const AWS_ENDPOINT_URL = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const at = Date.parse("2026-01-01");
  expect(await bucketAt(url, { AWS_ENDPOINT_URL }).list("a/", signal)).toEqual([
    { key: "a/1", at },
    { key: "a/2", at },
  ]);
  expect(asked).toEqual([null, "a+/=b"]);
  http.close();
});
