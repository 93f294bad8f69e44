import { expect, test } from "vitest";
import type { Device } from "../../../server/devices/device.ts";
import { sayBegins, sayDrawn, sayEnds, sayNotDrawn } from "../../../server/helper/helper-lines.ts";
import type { About, Say } from "../../../server/log/say.ts";

const device = { name: "auto", worker: { backend: "cpu" } } as Device;
const shard = { run: "r1", order: "", from: 4, to: 8 };

test.each<[string, (say: Say) => void, string, About]>([
  [
    "what it begins with",
    (say) => sayBegins({ redis: "redis://q:6379", to: "http://s:8188", devices: [device], models: ["a.pt"] }, say),
    "Helps by redis://q:6379: draws on auto (cpu), brings what it draws to http://s:8188, has 1 model (a.pt)",
    { event: "worker", state: "begun", models: 1 },
  ],
  [
    "a shard that it drew, with its rate where pictures are counted",
    (say) => sayDrawn({ device, shard, order: { pictures: 16 }, computed: 4, drawMs: 20_000, putMs: 300 }, say),
    "Drew batches 5 to 8 of run r1 on auto (cpu) in 20 s, 64 pictures, 11520 an hour; brought in 300 ms",
    {
      event: "shard",
      run: "r1",
      from: 4,
      to: 8,
      device: "auto",
      state: "drawn",
      ms: 20_000,
      pictures: 64,
      hourly: 11_520,
    },
  ],
  [
    "a shard of which some was known: that is no rate",
    (say) => sayDrawn({ device, shard, order: { pictures: 16 }, computed: 1, drawMs: 20_000, putMs: 300 }, say),
    "Drew batches 5 to 8 of run r1 on auto (cpu) in 20 s, 64 pictures, 3 known of a run before, 2880 an hour; brought in 300 ms",
    { event: "shard", state: "drawn", pictures: 64, hourly: 2_880 },
  ],
  [
    "a shard that was known: it has no rate",
    (say) => sayDrawn({ device, shard, order: { pictures: 16 }, computed: 0, drawMs: 126, putMs: 3 }, say),
    "Drew batches 5 to 8 of run r1 on auto (cpu) in 126 ms, 64 pictures, all known of a run before; brought in 3 ms",
    { event: "shard", state: "drawn", pictures: 64 },
  ],
  [
    "a shard that failed",
    (say) => sayNotDrawn(shard, device, "failed", say, "no memory"),
    "Failed at batches 5 to 8 of run r1 on auto (cpu): no memory",
    { level: "warn", state: "failed" },
  ],
  [
    "a shard that it refuses",
    (say) => sayNotDrawn(shard, device, "refused", say, "It lacks a.pt"),
    "Cannot draw batches 5 to 8 of run r1 on auto (cpu): It lacks a.pt",
    { event: "shard", run: "r1", from: 4, to: 8, device: "auto", level: "warn", state: "refused" },
  ],
  [
    "a shard of a run that is over",
    (say) => sayNotDrawn({ ...shard, to: 5 }, device, "over", say, "it is over"),
    "Let go of batch 5 of run r1 on auto (cpu): it is over",
    { state: "over" },
  ],
  [
    "what it gave back at its end",
    (say) => sayEnds({ done: 2, failed: 1, givenBack: [shard], isHeard: true }, say),
    "Ends: 2 shards drawn, 1 could not be drawn; gave back batches 5 to 8 of run r1",
    { event: "worker", state: "ended", done: 2, failed: 1, givenBack: 1 },
  ],
  [
    "that nobody heard of its end",
    (say) => sayEnds({ done: 0, failed: 0, givenBack: [], isHeard: false }, say),
    "Ends: 0 shards drawn; it was at nothing; Redis could not be told, so that others get it when its lock has run out",
    { level: "warn" },
  ],
])("a worker says %s", (_, told, line, about) => {
  const said: [string, About | undefined][] = [];
  told((line, about) => said.push([line, about]));
  expect(said).toEqual([[line, expect.objectContaining(about)]]);
});
