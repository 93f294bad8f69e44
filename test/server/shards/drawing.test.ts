import { Redis } from "ioredis";
import { afterAll, expect, test } from "vitest";
import { drawingNow, sayDrawing, sayLetGo } from "../../../server/shards/drawing.ts";
import { TestRedis } from "../../support/redis.ts";

const server = await TestRedis.start();
const redis = new Redis(server.url);
afterAll(async () => {
  redis.disconnect();
  await server.kill();
});

test("whoever lets go of a shard leaves it to whoever has said meanwhile that it is at it", async () => {
  const say = async (who: string) => {
    const told = redis.multi();
    sayDrawing(told, ["a"], who);
    await told.exec();
  };
  await say("first");
  await say("second");
  await sayLetGo(redis, "a", "first");
  expect(await drawingNow(redis, ["a", "b"])).toEqual(["second", undefined]);
  await sayLetGo(redis, "a", "second");
  expect(await drawingNow(redis, ["a"])).toEqual([undefined]);
});
