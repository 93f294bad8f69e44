/** One server has a database of Redis, whoever else comes. */
import { Redis } from "ioredis";
import { afterAll, expect, test } from "vitest";
import { Fleet } from "../../../server/machines/fleet.ts";
import { type HelperSign, keys, leaving, protocol } from "../../../server/shards/shard.ts";
import { TestRedis } from "../../support/redis.ts";

const server = await TestRedis.start();
const redis = new Redis(server.url, { maxRetriesPerRequest: null });
afterAll(async () => {
  redis.disconnect();
  await server.kill();
});

function fleet(id: string) {
  const said: string[] = [];
  return { said, fleet: new Fleet({ redis, sign: { id, version: "1", protocol }, say: (line) => said.push(line) }) };
}

test("a server that ends leaves the place of another, whose sign came between", async () => {
  const [a, b] = [fleet("a"), fleet("b")];
  await a.fleet.lead();
  await redis.del(keys.server);
  await b.fleet.lead();
  await a.fleet.end();
  expect(JSON.parse((await redis.get(keys.server)) ?? "")).toMatchObject({ id: "b" });
  await b.fleet.end();
  expect(await redis.exists(keys.server)).toBe(0);
});

test("of two that come at once one leads, and one whose place was taken says so and takes nothing back", async () => {
  const [a, b] = [fleet("a"), fleet("b")];
  const came = await Promise.allSettled([a.fleet.lead(), b.fleet.lead()]);
  expect(came.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  await redis.del(keys.server);
  await b.fleet.lead();
  for (let i = 0; i < 3; i++) await a.fleet.look();
  expect(JSON.parse((await redis.get(keys.server)) ?? "")).toMatchObject({ id: "b" });
  expect(a.said).toEqual([expect.stringMatching(/^Another server \(b\) has taken .*: no shards are given out/)]);
  expect(a.fleet.size).toBe(0);
  await b.fleet.end();
  await a.fleet.look();
  expect(a.said.at(-1)).toMatch(/again, and gives out shards$/);
  await redis.set(keys.server, "{");
  await a.fleet.look();
  expect(JSON.parse((await redis.get(keys.server)) ?? "")).toMatchObject({ id: "a" });
});

test("a worker that takes no more counts with what it is at", async () => {
  await redis.flushdb();
  const { fleet: one } = fleet("c");
  await one.lead();
  const at = { run: "r", from: 0, to: 1, done: 0 };
  const sign: HelperSign = {
    ...{ id: "h", name: "h", version: "1", protocol, done: 0, failed: 0 },
    devices: [{ name: "cuda:0", at }, { name: "cuda:1" }, { name: "cuda:2" }],
  };
  const sizes = [];
  for (const idle of [undefined, "there is no server"]) {
    const text = JSON.stringify({ ...sign, ...(idle !== undefined && { idle }) });
    await redis.multi().sadd(keys.helpers, "h").set(keys.helper("h"), text).exec();
    await one.look();
    sizes.push(one.size);
  }
  expect(sizes).toEqual([3, 1]);
});

test("a worker that refuses a run counts for all others", async () => {
  await redis.flushdb();
  const { fleet: one } = fleet("d");
  await one.lead();
  const before = one.refusals;
  const refuses = [{ run: "r", why: "It lacks a node" }];
  for (const [id, devices] of [
    ["a", ["cuda:0", "cuda:1"]],
    ["b", ["cpu"]],
  ] as const) {
    const sign: HelperSign = {
      ...{ id, name: id, version: "1", protocol, done: 0, failed: 0 },
      devices: devices.map((name) => ({ name })),
      ...(id === "a" && { refuses }),
    };
    await redis.multi().sadd(keys.helpers, id).set(keys.helper(id), JSON.stringify(sign)).exec();
  }
  await one.look();
  expect([one.size, one.sizeFor("r"), one.sizeFor("another")]).toEqual([3, 1, 3]);
  expect(one.refusals).not.toBe(before);
  await one.end();
});

test("a worker that leaves is gone as soon as it is at nothing, and that is said once", async () => {
  await redis.flushdb();
  const { fleet: one, said } = fleet("a");
  await one.lead();
  const at = { run: "r", from: 0, to: 1, done: 0 };
  const device = (is: object) => [{ name: "cpu", ...is }];
  const sign = async (how: object) => {
    const all = { id: "w", name: "box", version: "1", protocol, devices: device({}), done: 0, failed: 0, ...how };
    await redis.multi().sadd(keys.helpers, "w").set(keys.helper("w"), JSON.stringify(all)).exec();
    await one.look();
    return [one.helpers.length, one.size];
  };
  expect(await sign({})).toEqual([1, 1]);
  expect(await sign({ idle: leaving, devices: device({ at }) })).toEqual([1, 1]);
  expect(await sign({ idle: leaving })).toEqual([0, 0]);
  expect(await sign({ idle: leaving })).toEqual([0, 0]);
  expect(said).toEqual(["Worker box (cpu) helps", "Worker box has left"]);
  await redis.del(keys.helpers, keys.helper("w"));
  await one.end();
});
