import { expect, test } from "vitest";
import { healthOf, type Looked } from "../../../server/service/health.ts";

const ready = { called: "planner", state: "ready", pauseMs: undefined } as const;

/** Devices with what is otherwise of their workers, or of themselves. */
function devicesOf(...others: readonly Readonly<Record<string, unknown>>[]) {
  const all = others.map(({ out, name = "sampler", ...other }) => ({
    name,
    out,
    worker: { ...ready, called: `sampler of ${name}`, backend: "cpu", ...other },
  }));
  return { all, usable: all.filter(({ out }) => out === undefined) };
}

/** A server of which only what is named is otherwise than well; `tried`: what was asked to be tried again. */
function health(other: Readonly<Record<string, object>> = {}, tried: string[] = []) {
  const well: Readonly<Record<string, object>> = {
    planner: { stuck: undefined, process: ready },
    devices: devicesOf({}),
    queue: { state: "open", waiting: 3, running: 1, stranded: new Map(), batchOf: () => ({ run: "r", batch: 2 }) },
    quarantine: { held: [] },
    keeper: { beyond: 0 },
    space: { free: 2 ** 40 },
    ballast: { isFull: false, hasRoom: async () => tried.push("ballast") },
    folders: { amiss: undefined },
    database: { failing: undefined, tryAgain: () => tried.push("database") },
  };
  const some = Object.entries(well).map(([name, one]) => [name, { ...one, ...other[name] }]);
  const { machines } = other;
  return healthOf({ ...Object.fromEntries(some), ...(machines && { machines }) } as unknown as Looked);
}

test("a server that is well says what there is, and nothing else", () => {
  expect(health()).toEqual({
    status: "ok",
    reasons: [],
    version: expect.stringMatching(/^\d/),
    backend: "cpu",
    planner: "ready",
    sampler: "running",
    devices: [{ name: "sampler", backend: "cpu", state: "running", run: "r", batch: 2 }],
    queue: { state: "open", waiting: 3, running: 1 },
    disk: { state: "ok", freeBytes: 2 ** 40 },
    history: "ok",
    held: 0,
  });
});

const since = "2026-11-24T07:10:00.000Z";
const paused = { state: "paused", pauseMs: 4_000 };

/** What is otherwise; the status; why. What refuses runs is unavailable, and what does not is not. */
test.each<[Readonly<Record<string, object>>, string, RegExp]>([
  [{ queue: { state: "closing" } }, "unavailable", /is stopping/],
  [
    { queue: { stranded: new Map([["r", "no float16"]]) } },
    "degraded",
    /^Run r waits, since nobody .* it: no float16$/,
  ],
  [{ queue: { state: "full" } }, "unavailable", /queue is full/],
  [{ ballast: { isFull: true } }, "unavailable", /disk is full/],
  [{ folders: { amiss: "The data folder is gone" } }, "unavailable", /^The data folder is gone$/],
  [{ database: { failing: "SQLITE_FULL" } }, "unavailable", /disk is full/],
  [{ database: { failing: "SQLITE_IOERR_WRITE" } }, "unavailable", /cannot be written \(SQLITE_IOERR_WRITE\)/],
  [{ planner: { stuck: { question: "check", since, waiting: 2 } } }, "degraded", /2 wait for it/],
  [
    { devices: devicesOf({ out: "it ended", name: "cpu#1" }, { name: "cpu#2" }) },
    "degraded",
    /Device cpu#1 is not used .*: it ended/,
  ],
  [
    { devices: devicesOf(paused) },
    "degraded",
    /The sampler of sampler ended again and again; it starts anew within 4 s/,
  ],
  [{ planner: { process: { ...ready, ...paused } } }, "degraded", /The planner ended/],
  [{ quarantine: { held: [{}, {}] } }, "degraded", /2 models or files are held/],
  [{ keeper: { beyond: 2 ** 30 } }, "degraded", /Runs weigh 1 GiB more than --max-disk/],
  [{ space: { free: 2 ** 29 } }, "degraded", /Only 512 MiB are free/],
  [{ space: { free: undefined } }, "ok", /^$/],
  [{ devices: devicesOf({ state: "starting", backend: undefined }) }, "ok", /^$/],
])("%j is %s", (other, status, why) => {
  const { reasons, ...told } = health(other);
  expect([told.status, reasons.join("; ")]).toEqual([status, expect.stringMatching(why)]);
  expect(reasons.length).toBeLessThan(2);
});

test("a run that waits for another device is told with the reason, unless a worker draws it", () => {
  const queue = { stranded: new Map([["r", "no float16"]]) };
  expect(health({ queue }).stranded).toEqual([{ run: "r", why: "no float16" }]);
  const at = { run: "r", from: 0, to: 1, done: 0 };
  const machines = { state: "ok", problems: [], workers: [{ name: "w", devices: [{ name: "cpu", at }] }] };
  expect(health({ queue, machines })).not.toHaveProperty("stranded");
});

test("a server whose last device is out takes no runs, and says why each is", () => {
  const devices = devicesOf({ out: "it ended", name: "cpu#1" }, { out: "no driver", name: "cpu#2" });
  const { status, reasons } = health({ devices });
  expect([status, ...reasons]).toEqual([
    "unavailable",
    expect.stringMatching(/No device is left .* started anew/),
    expect.stringMatching(/cpu#1 .*: it ended/),
    expect.stringMatching(/cpu#2 .*: no driver/),
  ]);
});

test("what can only be found well by being tried is tried", () => {
  const tried: string[] = [];
  health({}, tried);
  expect(tried).toEqual([]);
  health({ ballast: { isFull: true }, database: { failing: "SQLITE_FULL" } }, tried);
  expect(tried).toEqual(["ballast", "database"]);
});
