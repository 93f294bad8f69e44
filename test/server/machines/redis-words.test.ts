/** What is wrong with a Redis is one line that says what to do: at the start, and when it happens while it is in use. */
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { Redis } from "ioredis";
import { afterAll, expect, test } from "vitest";
import { connectRedis, lookAtRedis } from "../../../server/shards/redis.ts";
import { whyNoRedis } from "../../../server/shards/redis-words.ts";
import { TestRedis } from "../../support/redis.ts";

const redis = await TestRedis.start("--requirepass", "secret");
const url = redis.url.replace("//", "//:secret@");
const admin = new Redis(url);
afterAll(async () => {
  admin.disconnect();
  await redis.kill();
});

const whyNot = (url: string): Promise<string> =>
  lookAtRedis(url, { withinMs: 500 }).then(
    () => "",
    ({ message }: Error) => message,
  );

/** What is set in a Redis, what takes it back, and what is said. */
const states: readonly (readonly [string, readonly string[][], readonly string[][], RegExp])[] = [
  [
    "its memory is full",
    [["config", "set", "maxmemory", "1"]],
    [["config", "set", "maxmemory", "0"]],
    /its memory is full: raise its maxmemory/,
  ],
  [
    "it is a replica",
    [["replicaof", "127.0.0.1", "1"]],
    [["replicaof", "no", "one"]],
    /it is a replica and takes no writes: give the address of its primary/,
  ],
  [
    "it has too few replicas",
    [["config", "set", "min-replicas-to-write", "1"]],
    [["config", "set", "min-replicas-to-write", "0"]],
    /it takes nothing without its replicas: start them/,
  ],
  [
    "its user may write elsewhere alone",
    [["acl", "setuser", "default", "resetkeys", "~other:*"]],
    [["acl", "setuser", "default", "allkeys"]],
    /its user may not do what is needed: allow ~guidegraph:\*/,
  ],
];

const set = async (commands: readonly string[][]) => {
  for (const [command, ...args] of commands) await admin.call(command, ...args);
};

test.each(states)("at the start, where %s", async (_, before, after, said) => {
  expect(await whyNot(url)).toBe("");
  await set(before);
  const why = await whyNot(url);
  await set(after);
  expect(why).toMatch(/^Cannot use Redis at redis:\/\/127\.0\.0\.1:\d+: /);
  expect(why).toMatch(said);
  expect(why).not.toContain("secret");
});

test.each(states)("while it is in use, where %s: once, and when all is well again", async (_, before, after, said) => {
  const lines: string[] = [];
  const { redis: connection, refused } = await connectRedis(url, (line) => lines.push(line));
  const ask = () => refused.hear(connection.set("guidegraph:test", "x")).catch(() => {});
  await ask();
  expect(lines).toEqual([]);
  await set(before);
  await ask();
  await ask();
  await set(after);
  await ask();
  await ask();
  connection.disconnect();
  expect(lines).toEqual([expect.stringMatching(said), expect.stringMatching(/ does what it is asked again$/)]);
  expect(lines.join()).not.toContain("secret");
});

test("why it is away is told of the attempts to reach it", async () => {
  const lines: string[] = [];
  const { redis: connection, refused } = await connectRedis(url, (line) => lines.push(line));
  await set([["config", "set", "requirepass", "another"]]);
  await admin.call("client", "kill", "type", "normal", "skipme", "yes");
  await expect.poll(() => lines.at(-1)).toMatch(/: it does not know this user and password\. It is tried again/);
  await set([["config", "set", "requirepass", "secret"]]);
  await expect.poll(() => lines.at(-1), { timeout: 10_000 }).toMatch(/ is back$/);
  await redis.kill();
  await expect.poll(() => connection.status).not.toBe("ready");
  const late = Promise.reject(new Error("Command timed out"));
  await expect(refused.hear(late)).rejects.toThrow();
  await expect.poll(() => lines.at(-1)).toMatch(/nothing listens there \(ECONNREFUSED\): start it/);
  await redis.startAgain();
  await expect.poll(() => lines.at(-1), { timeout: 10_000 }).toMatch(/ is back$/);
  connection.disconnect();
  expect(lines.join()).not.toMatch(/secret|another@|answers nothing|asked again/);
}, 30_000);

/** Answers each command so. */
const toEach = (socket: Socket, answer: string) =>
  socket.on("data", (data) => {
    for (const _ of String(data).matchAll(/\*\d+\r\n\$/g)) socket.write(answer);
  });

test.each<[string, (socket: Socket) => unknown, string, RegExp]>([
  [
    "that takes no more",
    (s) => s.end("-ERR max number of clients reached\r\n"),
    "redis",
    /takes no more connections: raise its maxclients/,
  ],
  [
    "in protected mode",
    (s) => s.end("-DENIED Redis is running in protected mode because\r\n"),
    "redis",
    /lets nobody in from another machine/,
  ],
  ["that breaks off", (s) => s.resetAndDestroy(), "redis", /it breaks off the connection\. .* it wants TLS: rediss:/],
  [
    "of HTTP",
    (s) => s.end("HTTP/1.1 400 Bad Request\r\n\r\n"),
    "redis",
    /what listens there is no Redis: give another port/,
  ],
  ["without TLS", (s) => s.end("-ERR Protocol error\r\n"), "rediss", /speaks no TLS/],
  [
    "of a cluster",
    (s) => toEach(s, "-MOVED 1 127.0.0.1:7000\r\n"),
    "redis",
    /it is a node of a cluster: give one Redis alone/,
  ],
  [
    "that cannot save",
    (s) => toEach(s, "-MISCONF Redis is configured to save RDB snapshots\r\n"),
    "redis",
    /cannot write to its disk and takes nothing until it can/,
  ],
])("one %s", async (_, answer, protocol, said) => {
  const tcp = createServer((socket) => {
    socket.on("error", () => {});
    answer(socket);
  }).listen(0, "127.0.0.1");
  await once(tcp, "listening");
  expect(await whyNot(`${protocol}://127.0.0.1:${(tcp.address() as AddressInfo).port}`)).toMatch(said);
  tcp.close();
});

test("a host that is none, and an address of another kind", async () => {
  expect(await whyNot("redis://nobody.invalid")).toMatch(/there is no such host/);
  await expect(lookAtRedis("http://localhost:6379")).rejects.toThrow(/^--redis takes an address such as redis:\/\//);
});

test.each(["ECONNRESET", "EPIPE", "ETIMEDOUT", "ENOTFOUND", "EHOSTUNREACH"])("%s is words", (code) => {
  const why = whyNoRedis([Object.assign(new Error(`read ${code}`), { code })], false);
  expect(why).not.toBe(`read ${code}`);
  expect(why.length).toBeGreaterThan(10);
});
