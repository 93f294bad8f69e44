import { expect, test } from "vitest";
import type { Device } from "../../../server/devices/device.ts";
import { type OwnState, ownSign } from "../../../server/helper/own-sign.ts";
import { shardsOf } from "../../../server/helper/presence.ts";
import { helperSign, type Shard } from "../../../server/shards/shard.ts";

const cards = ["a", "b"].map((name) => ({ name, worker: { backend: "cpu" } }) as Device);
const shard: Shard = { run: "r", order: "0".repeat(64), from: 2, to: 5 };
const idle: OwnState = {
  ...{ id: "m-1", version: "1", protocol: 4, done: 3, failed: 1, refuses: [{ run: "q", why: "it lacks a.pt" }] },
  ...{ devices: cards, atWork: new Map(), hourly: undefined, idle: undefined },
};

test("a machine that helps says what each device is at, once that is its own", () => {
  const at = { shard, cancel: new AbortController(), isOurs: false, done: 1, isOnItsWay: false };
  const state = { ...idle, atWork: new Map([[cards[1], at]]), hourly: 9 };
  expect([helperSign.parse(ownSign(state)).devices[1].at, shardsOf(state)]).toEqual([undefined, []]);
  at.isOurs = true;
  const { devices, hourly } = helperSign.parse(ownSign(state));
  expect(devices).toEqual([
    { name: "a", backend: "cpu" },
    { name: "b", backend: "cpu", at: { run: "r", from: 2, to: 5, done: 1 } },
  ]);
  expect(hourly).toBe(9);
});

test("and why it takes nothing, in no more words than are taken", () => {
  expect(helperSign.parse(ownSign(idle)).idle).toBeUndefined();
  expect(helperSign.parse(ownSign({ ...idle, idle: "x".repeat(5_000) })).idle).toHaveLength(1_000);
});
