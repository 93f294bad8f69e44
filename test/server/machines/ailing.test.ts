/** A Redis that is full, or answers nothing: both sides and the health of the server say what it is, once, and when it is well. */
import { Redis } from "ioredis";
import { afterAll, expect, test } from "vitest";
import { redis as examined } from "../../../server/doctor/redis.ts";
import type { Health } from "../../../server/protocol.ts";
import { keys } from "../../../server/shards/shard.ts";
import { TestHelper } from "../../support/helper.ts";
import { TestRedis } from "../../support/redis.ts";
import { TestServer } from "../../support/server.ts";

const token = "a-secret-of-the-owner-1234";
const redis = await TestRedis.start();
const server = await TestServer.start({ args: ["--redis", redis.url], token });
const helper = await TestHelper.start({ redis: redis.url, server: server.url, token });
const admin = new Redis(redis.url);
afterAll(async () => {
  admin.disconnect();
  redis.process.kill("SIGCONT");
  await Promise.all([server.kill("SIGKILL"), helper.kill("SIGKILL")]);
  await redis.kill();
});

const health = () => server.json<Health>("/api/health");
/** What both say from here on. */
function heard() {
  const from = [server, helper].map(({ log }) => log.length);
  return () => [server, helper].map(({ log }, i) => log.slice(from[i]).join("\n"));
}
const isWell = async () => {
  const { reasons, machines } = await health();
  return [reasons, machines?.redis, machines?.workers.map(({ problem }) => problem)];
};
const wellText = / does what it is asked again$/;

test("one that is full", async () => {
  await expect.poll(isWell, { timeout: 20_000 }).toEqual([[], "ok", [undefined]]);
  const said = heard();
  await admin.config("SET", "maxmemory", "1");
  // As after their time, which nobody waits for here.
  await admin.del(keys.server, ...(await admin.keys("guidegraph:helper:*")));
  const full = "its memory is full: raise its maxmemory, or give a Redis of its own";
  await expect
    .poll(async () => (await health()).machines, { timeout: 10_000 })
    .toMatchObject({ redis: "refusing", why: full });
  expect((await health()).reasons).toEqual([
    `Redis does not do what it is asked, and other machines get nothing to draw: ${full}`,
  ]);
  for (const i of [0, 1]) await expect.poll(() => said()[i]).toContain(`does not do what it is asked: ${full}`);
  const findings: string[] = [];
  for await (const { state, message } of examined(redis.url)) findings.push(`${state} ${message}`);
  expect(findings).toEqual([expect.stringMatching(/^fault Cannot use Redis at .*: its memory is full/)]);
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  await admin.config("SET", "maxmemory", "0");
  await expect.poll(isWell, { timeout: 10_000 }).toEqual([[], "ok", [undefined]]);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  for (const text of said())
    expect(text.split("\n")).toEqual([expect.stringContaining(full), expect.stringMatching(wellText)]);
}, 60_000);

test("one that stands still", async () => {
  const said = heard();
  redis.process.kill("SIGSTOP");
  await expect
    .poll(async () => (await health()).reasons, { timeout: 20_000 })
    .toEqual([expect.stringMatching(/get nothing to draw: it answers nothing for \d/)]);
  for (const i of [0, 1])
    await expect
      .poll(() => said()[i], { timeout: 10_000 })
      .toContain("does not do what it is asked: it answers nothing");
  redis.process.kill("SIGCONT");
  await expect.poll(isWell, { timeout: 10_000 }).toEqual([[], "ok", [undefined]]);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  for (const text of said())
    expect(text.split("\n")).toEqual([expect.stringContaining("answers nothing"), expect.stringMatching(wellText)]);
}, 60_000);
