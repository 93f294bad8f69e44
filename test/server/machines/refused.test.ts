/** What is wrong with a Redis, a server or a folder is said in one line, before anything is drawn. */

import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createTcp, type Socket } from "node:net";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { ownersToken } from "../../../server/cli/token-file-flag.ts";
import { redis as examined, isMended } from "../../../server/doctor/redis.ts";
import type { UsageError } from "../../../server/flags/errors.ts";
import { serverExchange } from "../../../server/helper/server-exchange.ts";
import { redisName, secretsIn } from "../../../server/shards/address.ts";
import { lookAtRedis, warningsOf } from "../../../server/shards/redis.ts";
import { keyOf } from "../../../server/shards/shard.ts";
import { guidegraph, temporaryFolder } from "../../support/cli.ts";
import { TestRedis } from "../../support/redis.ts";

const careless = await TestRedis.start(
  "--requirepass",
  "secret",
  "--maxmemory-policy",
  "allkeys-lru",
  "--appendonly",
  "no",
);
afterAll(() => careless.kill());
const at = (user: string) => careless.url.replace("//", `//${user}@`);
const nobody = "redis://127.0.0.1:1";
const server = ["--server", nobody.replace("redis", "http")];

describe("guidegraph worker", () => {
  test.each([
    [[], /^worker takes the server's Redis: --redis redis:/],
    [["--redis", "localhost:6379", ...server], /^--redis takes an address such as redis:\/\/localhost:6379/],
    [["--redis", "redis://h/first", ...server], /^--redis takes the number of a database at its end, such as/],
    [["--redis", nobody], /^worker takes --server URL, or --results DIR/],
    [["--redis", careless.url, ...server], /^Cannot use Redis at .*: it asks for a password/],
    [["--redis", at(":wrong"), ...server], /^Cannot use Redis at .*: it does not know this user and password$/],
    [["--redis", at("somebody:wrong"), ...server], /: it does not know this user and password$/],
  ])("%j", async (args, line) => {
    const { code, err } = await guidegraph(["worker", ...args, "--data", temporaryFolder()]);
    expect(code).toBeGreaterThan(1);
    expect(err).toEqual([expect.stringMatching(line)]);
    expect(err.join()).not.toMatch(/wrong|secret/);
  });

  test.each([
    [["--results", "x"], /^--results does nothing without --redis URL, by which other machines help: give it too$/],
    [["--only-workers"], /^--only-workers does nothing without --redis URL/],
    [["--redis", "http://x"], /^--redis takes an address/],
  ])("as serve %j", async (args, line) => {
    const { err } = await guidegraph(["serve", ...args, "--data", temporaryFolder()]);
    expect(err).toEqual([expect.stringMatching(line)]);
  });
});

test.each([
  "redis://:pa/se+cret=rd@h:6379",
  "redis://:pa#secret@h:6379",
  "redis://:pa?secret@h",
  "redis://user:12/secret@h:6379",
  "redis://user:12?secret@h:6379",
  "redis://user:12#secret@h:6379",
  "redis://:%secret@h:6379",
  "redis:/:secret@h",
  "http://:secret@h",
  ":secret@h",
  "redis://h/secret",
  "secret",
])("what may be secret in %s is not said again", (url) => {
  const why = (() => {
    try {
      return redisName(url);
    } catch (error) {
      return (error as UsageError).message;
    }
  })();
  expect(why).toMatch(/^--redis takes /);
  expect(why.includes("percent-encode")).toBe(/@/.test(url) && !url.startsWith("http"));
  expect(why).not.toContain("secret");
});

test("a password as it must be written is known in both its forms, and told in none", () => {
  const url = "redis://user:p%2Fa@h:6379/1";
  expect([redisName(url), secretsIn(url)]).toEqual(["redis://h:6379/1", ["p%2Fa", "p/a"]]);
});

describe("the token of a worker", () => {
  const fileOf = (text: string) => {
    const path = join(temporaryFolder(), "tokens");
    writeFileSync(path, text);
    return path;
  };

  test.each(["tokenOfOwner", "ann: tokenOfAnn\n# all\ntokenOfOwner\n", "owner: tokenOfOwner\nann: tokenOfAnn"])(
    "is the owner's in %j",
    (text) => expect(ownersToken(fileOf(text))).toBe("tokenOfOwner"),
  );

  test.each([
    ["ann: tokenOfAnn\nbob: tokenOfBob", /has no token of the owner: a line "owner: token"/],
    ["ann: tokenOfAnn more", /line 1 has more than a name and a token/],
    ["", /it holds no token/],
    ["tokenOf\u2603", /^The token is empty, or has a space or a letter that no request carries/],
  ])("and nothing is told of %j", async (text, line) => {
    const where = ["--redis", nobody, ...server, "--token-file", fileOf(text)];
    const { code, err } = await guidegraph(["worker", ...where, "--data", temporaryFolder()]);
    expect([code, err]).toEqual([2, [expect.stringMatching(line)]]);
    expect(err.join()).not.toContain("tokenOf");
  });
});

test("what listens there and is no Redis, or has no such database, is told as that, and nobody waits for it", async () => {
  const listening = async (answer: (socket: Socket) => unknown) => {
    const tcp = createTcp(answer);
    await new Promise<void>((resolve) => tcp.listen(0, "127.0.0.1", resolve));
    return { url: `redis://127.0.0.1:${(tcp.address() as AddressInfo).port}`, tcp };
  };
  const silent = await listening((socket) => socket.on("error", () => {}));
  const other = await listening((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  const closing = await listening((socket) => socket.destroy());
  const why = (url: string) =>
    lookAtRedis(url, { withinMs: 200 }).then(
      () => expect.unreachable(),
      ({ message }: Error) => message,
    );
  expect(await why(silent.url)).toMatch(/: it does not answer \(ETIMEDOUT\)\. .* it wants TLS: rediss:/);
  expect(await why(silent.url.replace("redis:", "rediss:"))).toMatch(/ it speaks no TLS: redis:/);
  expect(await why(other.url)).toMatch(/: what listens there is no Redis: give another port with --redis$/);
  expect(await why(closing.url)).toMatch(/: it breaks off the connection\. /);
  expect(await why(`${at(":secret")}/99`)).toMatch(/\/99: it has no database of that number$/);
  for (const { tcp } of [silent, other, closing]) tcp.close();
});

/** As long as it reads its file a Redis answers of all questions this one. */
async function reading(looks: number) {
  const tcp = createTcp((socket) => {
    socket.on("error", () => {});
    socket.on("data", (data) => {
      for (const [, command] of String(data).matchAll(/\*\d+\r\n\$\d+\r\n(\w+)\r\n/g)) {
        const info = `redis_version:8.0.4\r\naof_enabled:1\r\nloading:${looks > 0 ? 1 : 0}\r\n`;
        if (command.toLowerCase() === "info") looks--;
        const answers: Record<string, string> = {
          info: `$${info.length}\r\n${info}\r\n`,
          hello: "%1\r\n$5\r\nproto\r\n:3\r\n",
        };
        socket.write(answers[command.toLowerCase()] ?? "+OK\r\n");
      }
    });
  });
  await new Promise<void>((resolve) => tcp.listen(0, "127.0.0.1", resolve));
  return { url: `redis://127.0.0.1:${(tcp.address() as AddressInfo).port}`, tcp };
}

test("a Redis that reads its file is told as that, and waited for until it has, or the wait is given up", async () => {
  const [short, endless] = [await reading(2), await reading(Number.POSITIVE_INFINITY)];
  const told: string[] = [];
  const loading = () => told.push("it reads");
  // Longer than it may take to answer.
  expect(await lookAtRedis(short.url, { withinMs: 900, loading })).toMatchObject({ version: "8.0.4", isKept: true });
  expect(told).toEqual(["it reads"]);
  await expect(lookAtRedis(endless.url)).rejects.toThrow(/^Cannot use Redis at .*: it is reading its file: try again/);
  const [leaving, why] = [new AbortController(), new Error("The server is stopping")];
  const left = lookAtRedis(endless.url, { loading: () => leaving.abort(why), signal: leaving.signal });
  await expect(left).rejects.toBe(why);
  for (const { tcp } of [short, endless]) tcp.close();
});

test("a Redis that may lose shards is warned of", async () => {
  const state = await lookAtRedis(at(":secret"));
  expect(warningsOf(state)).toEqual([
    "may remove shards when its memory is full (allkeys-lru): set maxmemory-policy noeviction",
    "forgets its shards when it is started again: set appendonly yes",
  ]);
  expect(warningsOf({ ...state, policy: "noeviction", isKept: true })).toEqual([]);
});

test("doctor tells of a Redis what to set, or that it is not there", async () => {
  const found = [];
  for (const url of [at(":secret"), nobody]) for await (const one of examined(url)) found.push(one);
  expect(found.filter(({ message }) => !message.includes("CVE"))).toEqual([
    expect.objectContaining({ state: "warning", todo: "set maxmemory-policy noeviction" }),
    expect.objectContaining({ state: "warning", todo: "set appendonly yes" }),
    expect.objectContaining({ state: "fault", message: expect.stringContaining("nothing listens there") }),
  ]);
});

test.each([
  ["6.2.19", false],
  ["7.0.15", false],
  ["7.2.11", true],
  ["8.2.1", false],
  ["8.4.0", true],
])("Redis %s is mended: %s", (version, is) => {
  expect(isMended(version)).toBe(is);
});

/** A server that gives these statuses, one after the other, the last for ever. */
async function answering(...statuses: readonly number[]) {
  const asked: string[] = [];
  const http = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    request.resume().on("end", () => {
      response.writeHead(statuses[Math.min(asked.length, statuses.length) - 1]).end("{}");
    });
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  return { url, asked, close: () => http.close() };
}

const shard = { run: "r", order: "0".repeat(64), from: 0, to: 1 };

test("a result waits for a server whose disk is full, and comes once", async () => {
  const { url, asked, close } = await answering(200, 507, 503, 201);
  const said: string[] = [];
  const exchange = await serverExchange({ url, token: "t", say: (line) => said.push(line) });
  const path = join(temporaryFolder(), "result");
  writeFileSync(path, "rows");
  await exchange.put(shard, path, new AbortController().signal);
  expect(asked).toEqual(["GET /api/work/", ...Array(3).fill(`PUT /api/work/results/${keyOf(shard)}`)]);
  expect(said).toEqual(["Waits to put a result: status 507"]);
  close();
});

test("a server that is not there yet is waited for, which is said once, and until the wait is given up", async () => {
  const { url, asked, close } = await answering(503, 502, 200);
  const said: string[] = [];
  await serverExchange({ url, token: "t", say: (line) => said.push(line) });
  expect([asked.length, said.length]).toEqual([3, 2]);
  close();
  const end = new AbortController();
  const say = (line: string) => {
    said.push(line);
    setTimeout(() => end.abort(new Error("The worker ends")), 600);
  };
  const waiting = serverExchange({ url, token: "t", say, signal: end.signal });
  await expect(waiting).rejects.toThrow("The worker ends");
  expect(said.slice(2)).toEqual([
    expect.stringMatching(/^Cannot reach the server at .*: nothing listens there .*\. It is waited for, however long$/),
  ]);
});

test("a result that nobody waits for any more is no fault of who brings it", async () => {
  const { url, asked, close } = await answering(200, 404);
  const exchange = await serverExchange({ url, token: "t", say: () => expect.unreachable() });
  const path = join(temporaryFolder(), "result");
  writeFileSync(path, "rows");
  expect(await exchange.put(shard, path, new AbortController().signal)).toBe(false);
  expect(asked).toEqual(["GET /api/work/", `PUT /api/work/results/${keyOf(shard)}`]);
  close();
});

test.each([
  ["http://u:secret@h", /^--server takes no user and no password/],
  ["ftp://u:secret@h", /^--server takes the address of the server, such as/],
  ["http://h:8188/?token=secret", /^--server takes an address without \? and #/],
  ["http://h:8188/#secret", /^--server takes an address without \? and #/],
])("%s is no server, and its password is not told", async (url, line) => {
  const why = await serverExchange({ url, token: undefined, say: () => {} }).catch(({ message }: Error) => message);
  expect(why).toMatch(line);
  expect(why).not.toContain("secret");
});

test.each([
  [401, /lets this worker not in .*: give its owner's token/],
  [404, /has no work for others: start it with --redis/],
])("a server that answers %d is none to help", async (status, line) => {
  const { url, close } = await answering(status);
  await expect(serverExchange({ url, token: undefined, say: () => {} })).rejects.toThrow(line);
  close();
});
