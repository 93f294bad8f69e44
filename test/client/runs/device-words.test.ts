import { expect, test } from "vitest";
import { devicesLabel, deviceWords, waitWords } from "../../../client/runs/device-words.ts";
import type { DeviceHealth } from "../../../server/protocol.ts";

const device = (
  name: string,
  state: DeviceHealth["state"] = "ready",
  more: Partial<DeviceHealth> = {},
): DeviceHealth => ({
  name,
  state,
  ...more,
});

test.each([
  ["cpu", [device("sampler")], "cpu"],
  ["starting", [device("cpu#1"), device("cpu#2")], "starting"],
  ["cuda", [device("cuda:0"), device("cuda:1")], "2 × cuda"],
  ["cuda, cpu", [device("cuda:0"), device("cpu#1"), device("cpu#2")], "cuda + 2 × cpu"],
  ["cuda", [device("cuda:0"), device("cuda:1", "out")], "cuda"],
])("of %s the badge says what is used", (backend, devices, label) => {
  expect(devicesLabel({ status: "ok", version: "1", backend, devices })).toBe(label);
});

test.each([
  [device("a"), "free"],
  [device("a", "starting"), "starting"],
  [device("a", "running", { run: "r", batch: 4 }), "run 12, batch 5"],
  [device("a", "running", { run: "unknown" }), "a run"],
  [device("a", "paused"), "ended again and again; starts anew soon"],
  [device("a", "out", { reason: "it ended" }), "not used until the server's next start: it ended"],
])("%j is told in words", (one, words) => {
  expect(deviceWords(one, (run) => (run === "r" ? 12 : undefined))).toBe(words);
});

test("a run that nobody who is there can draw says why it waits", () => {
  const health = { stranded: [{ run: "r", why: "webgpu has no float16" }] };
  expect(waitWords(health, "r")).toBe("waits, since nobody who is there can draw it: webgpu has no float16");
  expect([waitWords(health, "other"), waitWords({}, "r")]).toEqual([undefined, undefined]);
});
