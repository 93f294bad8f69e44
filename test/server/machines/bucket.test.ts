/** Orders and results through an S3-compatible store. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test, vi } from "vitest";
import { documentBuilder, writeDocument } from "../../../graphs/document/index.ts";
import { nodes } from "../../../nodes/index.ts";
import { Desk } from "../../../server/machines/desk.ts";
import { serverId } from "../../../server/machines/fleet.ts";
import { Mirror } from "../../../server/machines/mirror.ts";
import { Bucket } from "../../../server/shards/bucket.ts";
import { accessIn } from "../../../server/shards/bucket-access.ts";
import { bucketExchange, ownPrefix } from "../../../server/shards/bucket-exchange.ts";
import { refusalIn } from "../../../server/shards/bucket-refusals.ts";
import { keyOf, type Order, protocol } from "../../../server/shards/shard.ts";
import { guidegraph, temporaryFolder } from "../../support/cli.ts";
import { TestHelper } from "../../support/helper.ts";
import { TestRedis } from "../../support/redis.ts";
import { TestServer } from "../../support/server.ts";
import { bucketName, TestStore } from "../../support/store.ts";

const { signal } = new AbortController();
const url = `s3://${bucketName}/thesis`;
const order: Order = { run: "r", version: "1", protocol, graph: "{}", batches: 2, identity: "i", files: [] };
const fileOf = (text: string): string => {
  const path = join(temporaryFolder(), "result");
  writeFileSync(path, text);
  return path;
};

const store = await TestStore.start();
afterAll(() => store.close());
beforeEach(() => store.clear());
const bucketOf = (at = url) => new Bucket({ url: at, environment: store.environment, say: () => {}, patienceMs: 0 });
const keysOf = () => [...store.held.keys()];

/** A mirror that looks for itself, until `end`. */
function mirrorOf(awaited: readonly string[], { hasRoom = true, folder = temporaryFolder() } = {}) {
  const [said, came]: [string[], string[]] = [[], []];
  const say = (line: string) => void said.push(line);
  const options = { bucket: bucketOf(), server: "s/", hasRoom: async () => hasRoom, listMs: [10, 80] as const };
  const mirror = new Mirror({ ...options, say });
  const isAwaited = (key: string) => awaited.includes(key) && !came.includes(key);
  const look = () =>
    mirror.look({
      placeOf: (key) => join(folder, key),
      isAwaited,
      isAnyAwaited: awaited.some(isAwaited),
      came: (key) => came.push(key),
    });
  const timer = setInterval(look, 5);
  const end = () => {
    clearInterval(timer);
    return mirror.close();
  };
  return { mirror, folder, said, came, end };
}
const result = (key: string) => `thesis/s/results/${key}`;

describe("a bucket", () => {
  test("keeps what was put first, lists it, and lets go of it", async () => {
    const bucket = bucketOf();
    await bucket.check();
    expect(keysOf()).toEqual([]);
    const put = await Promise.all(["one", "other"].map((text) => bucket.put("a/1", new Blob([text]), signal)));
    expect(put.filter(Boolean)).toHaveLength(1);
    expect(await bucket.put("a/1", "third", signal)).toBe(false);
    expect(["one", "other"]).toContain(await (await bucket.get("a/1", signal))?.text());
    await bucket.put("b/2", "more", signal);
    expect(await bucket.list("b/", signal)).toMatchObject([{ key: "b/2", bytes: 4 }]);
    expect(await bucket.folders("", signal)).toEqual(["a/", "b/"]);
    for (const key of ["a/1", "b/2", "none"]) await bucket.remove(key, signal);
    expect([await bucket.list("", signal), await bucket.has("a/1", signal)]).toEqual([[], false]);
    expect(await bucket.get("a/1", signal)).toBeUndefined();
  });

  test.each([
    ["a&b <c> \"d\" 'e'", "a&b <c> \"d\" 'e'/"],
    ["100%/a+b/%2F%20/x=1&y", "100%/a+b/%2F%20/x=1&y/"],
    ["größe/写真/𝒳é", "größe/写真/𝒳é/"],
    ["(a)*!~,;:@$?#[]|^`{}\\", "(a)*!~,;:@$?#[]|^`{}\\/"],
    ["of/several/names/", "of/several/names/"],
    ["&amp;&#38;", "&amp;&#38;/"],
  ])("below the prefix %s finds what is its own, and nothing else", async (prefix, key) => {
    const bucket = bucketOf(`s3://${bucketName}/${prefix}`);
    store.put(`${key.slice(0, -1)}x/strange`, "strange");
    await bucket.check();
    await bucket.put("a/1", "text", signal);
    expect(keysOf()).toContain(`${key}a/1`);
    expect(await bucket.folders("", signal)).toEqual(["a/"]);
    expect(await bucket.list("", signal)).toMatchObject([{ key: "a/1" }]);
    expect(await (await bucket.get("a/1", signal))?.text()).toBe("text");
    await bucket.remove("a/1", signal);
    expect(await bucket.has("a/1", signal)).toBe(false);
  });

  test.each(["LIST", "PUT", "GET", "DELETE"])("that lets nobody %s is refused at the start", async (what) => {
    store.instead = ({ method, isList }) => ((isList ? "LIST" : method) === what ? { status: 403 } : undefined);
    await expect(bucketOf().check()).rejects.toThrow(
      /^Cannot use s3:\/\/samples\/thesis\/, since it does not let (list|put|read|remove) there: Status403$/,
    );
  });

  test("brings results to the desk that awaits them, each once, and nothing of theirs is left there", async () => {
    const bucket = bucketOf();
    const options = { bucket, server: ownPrefix("host:/data"), hasRoom: async () => true, say: () => {} };
    const desk = new Desk(temporaryFolder(), { mirror: new Mirror({ ...options, listMs: [10, 80] }) });
    const exchange = bucketExchange(bucketOf());
    const laidOut = await desk.layOut(order, new Map(), signal);
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
    await expect.poll(() => bucket.list("guidegraph-shards/", signal)).toEqual([]);
    await expect(exchange.order(laidOut.hash, signal)).rejects.toThrow(/has no such order: its run is over/);
    await bucket.put(`${ownPrefix("host:/data")}results/left`, "by another server", signal);
    await bucket.put(`${ownPrefix("other:/data")}results/kept`, "of another server", signal);
    await desk.clear();
    const left = await bucket.list("guidegraph-shards/", signal);
    expect(left.map(({ key }) => key)).toEqual([`${ownPrefix("other:/data")}results/kept`]);
    await desk.close();
  });

  test("keeps for the next server what came while there was none", async () => {
    const options = { server: "s/", hasRoom: async () => true, say: () => {}, listMs: [10, 80] as const };
    const deskOf = (own: string) => new Desk(own, { mirror: new Mirror({ ...options, bucket: bucketOf() }) });
    const own = temporaryFolder();
    const before = deskOf(own);
    const { hash } = await before.layOut(order, new Map(), signal);
    const [came, lost] = [0, 1].map((from) => ({ run: "r", order: hash, from, to: from + 1 }));
    for (const shard of [came, lost]) before.note(shard);
    await before.close();
    for (const name of [keyOf(came), "0".repeat(64)]) await bucketOf().put(`s/results/${name}`, "rows", signal);
    const next = deskOf(own);
    expect(await next.clear([], next.noted)).toEqual([came]);
    expect(keysOf()).toEqual([`thesis/s/orders/${hash}.json`, `thesis/s/results/${keyOf(came)}`]);
    const paths: string[] = [];
    next.await(keyOf(came), (path) => paths.push(path));
    await expect.poll(() => next.lookAtAll().then(() => paths.length)).toBe(1);
    expect(readFileSync(paths[0], "utf8")).toBe("rows");
    await next.close();
  });

  test("that does not take an order has none of it, nor has the desk, and takes it again", async () => {
    const options = { bucket: bucketOf(), server: "s/", hasRoom: async () => true, say: () => {} };
    const desk = new Desk(temporaryFolder(), { mirror: new Mirror(options) });
    store.instead = ({ method }) => (method === "PUT" ? { status: 403 } : undefined);
    await expect(desk.layOut(order, new Map(), signal)).rejects.toThrow(/^Cannot put s\/orders\/.*: Status403$/);
    expect(readdirSync(join(desk.folder, "orders"))).toEqual([]);
    store.instead = () => undefined;
    const { hash } = await desk.layOut(order, new Map(), signal);
    await desk.lookAtAll();
    expect(keysOf()).toEqual([`thesis/s/orders/${hash}.json`]);
    store.instead = ({ method }) => (method === "DELETE" ? { afterMs: 60_000 } : undefined);
    await desk.takeAway({ hash, order, paths: new Map() });
    await desk.close();
  });
});

describe("a mirror", () => {
  test("brings the others where one cannot be fetched and none removed, says it once, and tries again", async () => {
    for (const key of ["a", "b", "c"]) store.put(result(key), key, Date.now() - 120_000);
    store.instead = ({ method, key }) =>
      method === "DELETE" || (method === "GET" && key === result("b")) ? { status: 403 } : undefined;
    const { mirror, folder, said, came, end } = mirrorOf(["b", "c"]);
    try {
      await expect.poll(() => came).toEqual(["c"]);
      expect([readdirSync(folder), readFileSync(join(folder, "c"), "utf8")]).toEqual([["c"], "c"]);
      expect(said).toEqual([expect.stringMatching(/Cannot (fetch|remove) s\/results\/. in .*: Status403/)]);
      expect(mirror.problem).toContain("Status403");
      store.instead = () => undefined;
      await expect
        .poll(() => [keysOf(), came, mirror.problem], { timeout: 10_000 })
        .toEqual([[], ["c", "b"], undefined]);
      expect(said).toEqual([said[0], expect.stringContaining("come again")]);
      expect(store.count(`GET ${result("c")}`)).toBe(1);
    } finally {
      await end();
    }
  });

  test("finds and brings what comes while another is on its way, which it fetches once", async () => {
    store.put(result("slow"), "slow");
    store.instead = ({ method, key }) => (method === "GET" && key === result("slow") ? { afterMs: 60_000 } : undefined);
    const { came, end } = mirrorOf(["slow", ...["a", "b", "c", "d", "e"]]);
    try {
      await expect.poll(() => store.count(`GET ${result("slow")}`)).toBe(1);
      for (const key of ["a", "b", "c", "d", "e"]) {
        store.put(result(key), key);
        await expect.poll(() => came).toContain(key);
      }
      expect(store.count(`GET ${result("slow")}`)).toBe(1);
    } finally {
      await end();
    }
  });

  test("fetches nothing that the disk has no room for, and says so", async () => {
    store.put(result("a"), "a");
    const { said, mirror, end } = mirrorOf(["a"], { hasRoom: false });
    await expect.poll(() => said).toEqual([expect.stringContaining("disk of the server has no room")]);
    expect([store.count("GET"), mirror.problem]).toEqual([0, expect.stringContaining("free some space")]);
    await end();
  });

  test("lists nothing while nothing is awaited, and seldom while nothing comes", async () => {
    const idle = mirrorOf([]);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await idle.end();
    expect(store.asked).toEqual([]);
    const began = performance.now();
    const waiting = mirrorOf(["a"]);
    await expect.poll(() => store.count("LIST")).toBeGreaterThan(6);
    await waiting.end();
    // After 10, 20, 40, 80, 80 … ms.
    expect(store.count("LIST")).toBeLessThan(5 + (performance.now() - began) / 80);
  });

  test("knows what lies there before it is here, and what a list did not have is not there", async () => {
    store.put(result("a"), "a");
    store.instead = ({ isList }) => (isList ? undefined : { afterMs: 300 });
    const { mirror, came, end } = mirrorOf(["a", "b"]);
    const before = performance.now();
    expect([mirror.mayHave("a", before), mirror.mayHave("b", before)]).toEqual([true, true]);
    await expect.poll(() => mirror.mayHave("b", before)).toBe(false);
    expect([mirror.mayHave("a", before), came]).toEqual([true, []]);
    mirror.told("b");
    expect(mirror.mayHave("b", before)).toBe(true);
    await expect.poll(() => mirror.mayHave("b", before)).toBe(false);
    await end();
  });

  test("brings again what breaks off on its way; of what nobody awaits the old goes", async () => {
    const now = Date.now();
    for (const [key, age] of Object.entries({ awaited: 0, young: 0, old: 61_000 }))
      store.put(result(key), key, now - age);
    let broken = 2;
    store.instead = ({ method, key }) =>
      method === "GET" && key === result("awaited") && broken-- > 0 ? "break off" : undefined;
    const { folder, came, end } = mirrorOf(["awaited"]);
    await expect.poll(keysOf, { timeout: 10_000 }).toEqual([result("young")]);
    expect([came, readdirSync(folder), readFileSync(join(folder, "awaited"), "utf8")]).toEqual([
      ["awaited"],
      ["awaited"],
      "awaited",
    ]);
    await end();
  });
});

test("a run goes from a worker to its server, whatever the store does to it, and its files are those of one machine", async () => {
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
  const { environment } = store;
  const server = await TestServer.start({ args: ["--redis", redis.url, "--only-workers", ...results], environment });
  const helper = await TestHelper.start({ redis: redis.url, args: results, environment });
  const reasons = async () => JSON.stringify((await (await server.request("/api/health")).json()).reasons);
  const isOrder = (key: string) => key.includes("/orders/");
  try {
    // No order is taken: it is not put again and again, and whoever asks is told.
    store.instead = ({ method, key }) => (method === "PUT" && isOrder(key) ? { status: 403 } : undefined);
    const run = await server.submit({ graph, batches: 6 });
    await expect.poll(reasons, { timeout: 20_000 }).toContain("Cannot put guidegraph-shards/");
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect(store.asked.filter((one) => one.startsWith("PUT") && isOrder(one)).length).toBeLessThan(5);
    // A result comes late, and nothing is drawn twice for that.
    let late = 1;
    store.instead = ({ method, key, isList }) =>
      method === "GET" && !isList && !isOrder(key) && late-- > 0 ? { afterMs: 9_000 } : undefined;
    const events = await server.eventsOf(run);
    expect(events.at(-1)).toMatchObject({ type: "run", state: "succeeded" });
    const saved = events.flatMap((event) => (event.type === "output" ? [[event.name, event.sha256]] : []));
    expect(Object.fromEntries(saved)).toEqual(wanted);
    const put = store.asked.filter((one) => one.startsWith("PUT") && one.includes("/results/"));
    expect(put).toEqual([...new Set(put)]);
    await expect.poll(() => bucketOf().list(ownPrefix(serverId(server.data)), signal), { timeout: 20_000 }).toEqual([]);
    // What is not removed holds up no other run.
    store.instead = ({ method }) => (method === "DELETE" ? { afterMs: 50_000 } : undefined);
    for (const i of [1, 2]) {
      const next = await server.eventsOf(await server.submit({ graph: { ...graph, title: `Noise ${i}` }, batches: 2 }));
      expect(next.at(-1)).toMatchObject({ type: "run", state: "succeeded" });
    }
    const { pid } = server.process;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
    expect(children.length).toBeGreaterThan(1);
    for (const child of children) expect(readFileSync(`/proc/${child}/environ`, "utf8")).not.toMatch(/AWS_|secret/);
    expect(await server.kill("SIGTERM")).toBe(0);
    expect(await helper.kill("SIGTERM")).toBe(0);
    expect([...server.log, ...helper.log].join("\n")).not.toContain("secret");
  } finally {
    await Promise.all([server.kill("SIGKILL"), helper.kill("SIGKILL"), redis.kill()]);
  }
}, 120_000);

const environment = { AWS_ACCESS_KEY_ID: "somebody", AWS_SECRET_ACCESS_KEY: "secret" };
const bucketAt = (given: string, more: NodeJS.ProcessEnv = {}) =>
  new Bucket({ url: given, environment: { ...environment, ...more }, say: () => {} });

test.each([
  ["s3://", {}, /takes a bucket as s3:\/\/bucket/],
  ["s3://a", {}, /takes a bucket as/],
  ["s3://bucket/../other", {}, /takes a bucket as/],
  ["s3://bucket/a/./b", {}, /takes a bucket as/],
  ["s3://bucket//a", {}, /takes a bucket as/],
  ["s3://bucket/a//", {}, /takes a bucket as/],
  ["s3://bucket/a\nb", {}, /takes a bucket as/],
  ["s3://bucket?prefix=a", {}, /takes a bucket as/],
  [`s3://bucket/${"ä".repeat(400)}`, {}, /of at most 700 bytes/],
  ["s3://user:secret@bucket", {}, /takes a bucket as/],
  ["s3://bucket", { AWS_SECRET_ACCESS_KEY: undefined }, /from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY/],
  ["s3://bucket", { AWS_ACCESS_KEY_ID: "" }, /from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY/],
  ["s3://bucket", { AWS_ENDPOINT_URL: "store:9000" }, /AWS_ENDPOINT_URL takes an address such as/],
  ["s3://bucket", { AWS_ENDPOINT_URL: "http://user:hidden@store" }, /AWS_ENDPOINT_URL takes an address such as/],
  ["s3://bucket", { AWS_ENDPOINT_URL_S3: "http://store?key=hidden" }, /AWS_ENDPOINT_URL takes an address such as/],
  ["s3://bucket", { AWS_REGION: "hidden\n" }, /AWS_REGION takes a name such as/],
  ["s3://bucket", { AWS_ACCESS_KEY_ID: "hidden\nkey" }, /^AWS_ACCESS_KEY_ID takes letters, digits and signs alone/],
  ["s3://bucket", { AWS_SECRET_ACCESS_KEY: "hidden\n" }, /^AWS_SECRET_ACCESS_KEY takes letters/],
  ["s3://bucket", { AWS_SESSION_TOKEN: "hidden\ntoken" }, /^AWS_SESSION_TOKEN takes letters/],
])("%s with %j is refused, in words that hide what it is", (given, more, said) => {
  expect(() => bucketAt(given, more)).toThrow(said);
  expect(() => bucketAt(given, more)).not.toThrow(/hidden/);
});

test("what is set to nothing is not set", () => {
  const none = {
    AWS_REGION: "",
    AWS_DEFAULT_REGION: "",
    AWS_ENDPOINT_URL: "",
    AWS_ENDPOINT_URL_S3: "",
    AWS_SESSION_TOKEN: "",
  };
  expect(accessIn({ ...environment, ...none })).toEqual({
    ...{ endpoint: "https://s3.us-east-1.amazonaws.com", region: "us-east-1" },
    ...{ accessKeyId: "somebody", secretAccessKey: "secret" },
  });
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
  [[501, 404, 501], ["PUT if new", "HEAD", "PUT"], "Cannot put key in s3://bucket/: AccessDenied: No"],
] as const)("a store that answers %j is asked %j, and has it new: %s", async (statuses, wanted, isNew) => {
  const { asked, bucket, close } = await answering(...statuses);
  const put = await bucket.put("key", "rows", signal).catch(({ message }: Error) => message);
  close();
  expect([put, asked]).toEqual([isNew, wanted]);
});

test.each([
  [
    [503, 200],
    ["GET", "GET", "PUT if new", "GET", "DELETE"],
  ],
  // It put what it was asked to, and said that it could not.
  [
    [200, 500, 412, 200],
    ["GET", "PUT if new", "PUT if new", "GET", "DELETE"],
  ],
])("one that is busy at the start (%j) is waited for", async (statuses, wanted) => {
  const { asked, bucket, close } = await answering(...statuses);
  await bucket.check();
  close();
  expect(asked).toEqual(wanted);
});

test("nobody who ends it waits for a busy one", async () => {
  const { asked, bucket, close } = await answering(503);
  const end = new AbortController();
  const checked = bucket.check(end.signal);
  await vi.waitFor(() => expect(asked).toHaveLength(1));
  end.abort(new Error("Ctrl-C"));
  await expect(checked).rejects.toThrow("Ctrl-C");
  close();
});

test.each([
  ["<Code>NoSuchBucket</Code>", "there is no such bucket: make it, or give another with --results (NoSuchBucket)"],
  ["<Code>InvalidAccessKeyId</Code>", "it does not know the key in AWS_ACCESS_KEY_ID (InvalidAccessKeyId)"],
  [
    "<Code>SignatureDoesNotMatch</Code><StringToSign>x</StringToSign>",
    "AWS_SECRET_ACCESS_KEY is not the secret of AWS_ACCESS_KEY_ID (SignatureDoesNotMatch)",
  ],
  ["<Code>RequestTimeTooSkewed</Code>", "the clock of this machine is not the store's: set it (RequestTimeTooSkewed)"],
  [
    "<Code>AuthorizationHeaderMalformed</Code><Region>eu-central-1</Region>",
    "the bucket is of another region: set AWS_REGION to its own, eu-central-1 (AuthorizationHeaderMalformed)",
  ],
  ["<Code>PermanentRedirect</Code>", "the bucket is of another region: set AWS_REGION to its own (PermanentRedirect)"],
  ["<Code>SlowDown</Code><Message>Less</Message>", "SlowDown: Less"],
  ["", "status 400"],
])("what a store means by %s is said in words", async (body, why) => {
  expect((await refusalIn(new Response(`<Error>${body}</Error>`, { status: 400 }))).why).toBe(why);
});

test("one that lets nobody in, or is not there, is told at the start", async () => {
  const { bucket, close } = await answering(403);
  await expect(bucket.check()).rejects.toThrow(
    /^Cannot use s3:\/\/bucket\/, since it does not let list there: AccessDenied: No$/,
  );
  await expect(bucket.put("key", "rows", signal)).rejects.toThrow(/^Cannot put key in .*: AccessDenied: No$/);
  close();
  await expect(bucket.check()).rejects.toThrow(
    /^Cannot reach the store of s3:\/\/bucket\/ at http:.*: nothing listens there \(ECONNREFUSED\)$/,
  );
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
    { key: "a/1", at, bytes: 0 },
    { key: "a/2", at, bytes: 0 },
  ]);
  expect(asked).toEqual([null, "a+/=b"]);
  http.close();
});
