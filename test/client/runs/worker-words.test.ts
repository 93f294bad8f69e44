import { expect, test } from "vitest";
import { devicesInUse } from "../../../client/runs/device-words.ts";
import { atWords, deviceName, rateWords, refusalWords, workersLabel } from "../../../client/runs/worker-words.ts";
import type { WorkerHealth } from "../../../server/protocol.ts";

const worker = (more: Partial<WorkerHealth> = {}): WorkerHealth => ({
  name: "a",
  version: "1",
  devices: [{ name: "cuda:0" }, { name: "cuda:1" }],
  done: 0,
  failed: 0,
  ...more,
});

test.each([
  ["ok", [], "no workers"],
  ["ok", [worker(), worker({ devices: [{ name: "cpu" }] })], "2 workers, 3 devices"],
  ["away", [worker()], "Redis is away"],
] as const)("of Redis %s and workers one reads how many they are", (redis, workers, label) => {
  expect(workersLabel({ redis, workers })).toBe(label);
});

test.each([
  [undefined, "free"],
  [{ run: "r", from: 4, to: 24, done: 3 }, "run 12, batches 5 to 24, 3 done"],
  [{ run: "r", from: 4, to: 5, done: 0 }, "run 12, batch 5"],
  [{ run: "unknown", from: 0, to: 2, done: 0 }, "a run, batches 1 to 2"],
])("a device at %j is told in words", (at, words) => {
  expect(atWords({ name: "cpu", at }, (run) => (run === "r" ? 12 : undefined))).toBe(words);
});

test.each([
  [{ name: "cuda:1", backend: "cuda" }, "cuda:1"],
  [{ name: "auto", backend: "cpu" }, "cpu"],
  [{ name: "auto" }, "starting"],
])("a device %j is called by what draws", (device, name) => expect(deviceName(device)).toBe(name));

test.each([
  ["r", "Draws nothing of run 12: it lacks a node"],
  ["another", "Draws nothing of a run: it lacks a node"],
])("what a machine refuses of run %s is told with the reason", (run, words) => {
  expect(refusalWords({ run, why: "it lacks a node" }, (id) => (id === "r" ? 12 : undefined))).toBe(words);
});

test("how fast one is, and how many draw", () => {
  expect(rateWords(worker({ hourly: 1234.5 }))).toBe("1,235 pictures an hour");
  expect(rateWords(worker())).toBe("");
  const machines = { redis: "ok", workers: [worker(), worker({ problem: "another version" })] } as const;
  const health = {
    status: "ok",
    version: "1",
    backend: "cpu",
    devices: [{ name: "cpu", state: "ready" }],
    machines,
  } as const;
  expect(devicesInUse(health)).toBe(3);
});
