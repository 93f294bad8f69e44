/** One server has a database of Redis, whoever else comes. */
import { Redis } from "ioredis";
import { afterAll, expect, test } from "vitest";
import { Fleet } from "../../../server/machines/fleet.ts";
import { keys, protocol } from "../../../server/shards/shard.ts";
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
