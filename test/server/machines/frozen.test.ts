/** A Redis that takes connections and answers nothing holds nobody. */
import { afterAll, expect, test } from "vitest";
import { TestHelper } from "../../support/helper.ts";
import { TestRedis } from "../../support/redis.ts";
import { TestServer } from "../../support/server.ts";

const redis = await TestRedis.start();
const server = await TestServer.start({ args: ["--redis", redis.url], token: "a-secret-of-the-owner-1234" });
const helper = await TestHelper.start({ redis: redis.url, server: server.url, token: "a-secret-of-the-owner-1234" });
afterAll(async () => {
  await Promise.all([server.kill("SIGKILL"), helper.kill("SIGKILL")]);
  await redis.kill();
});

test("both sides end by SIGTERM while Redis is frozen", async () => {
  await expect.poll(() => server.log.join("\n"), { timeout: 20_000 }).toContain("helps");
  redis.process.kill("SIGSTOP");
  await Promise.all([server.kill("SIGTERM"), helper.kill("SIGTERM")]);
  expect([server.process.exitCode, helper.process.exitCode]).toEqual([0, 0]);
  expect(server.log.at(-1)).toMatch(/Redis could not be told that this server ends: its place is free in 15 s$/);
}, 100_000);
