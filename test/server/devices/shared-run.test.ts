import { describe, expect, test, vi } from "vitest";
import type { RunEvent } from "../../../executor/index.ts";
import type { FromWorker } from "../../../server/channel/messages.ts";
import type { Device } from "../../../server/devices/device.ts";
import type { Gone } from "../../../server/supervisor/child.ts";
import { generator } from "../../support/random.ts";
import { kept, killed, played, running, shared, tick } from "../../support/shared-run.ts";

describe("a run on one device", () => {
  test("whose process ended before it took it up is given to the next, once", async () => {
    const { devices, told } = shared(1, ["a"]);
    const [a] = devices;
    a.die();
    expect([a.types(), told]).toEqual([["run", "run"], []]);
    a.says(running);
    a.asks();
    expect(a.given()).toBe(0);
    a.asks();
    expect(a.given()).toEqual({ end: kept });
    a.end();
    expect(told).toMatchObject([{ type: "node", state: "running" }, "complete"]);
    expect(a.types()).toEqual(["run", "run", "next", "next"]);

    const again = shared(1, ["a"]);
    again.devices[0].die();
    again.devices[0].die();
    await tick();
    expect(again.devices[0].types()).toEqual(["run", "run"]);
    expect(again.told).toMatchObject([{ state: "failed", failure: { code: "WORKER_CRASHED", signal: "SIGKILL" } }]);
  });

  test("that had begun fails with its process, at the node that was at work", async () => {
    const { devices, told } = shared(1, ["a"]);
    devices[0].says(running);
    devices[0].die();
    await tick();
    expect(devices[0].types()).toEqual(["run"]);
    expect(told).toMatchObject([
      { type: "node", state: "running" },
      { type: "node", path: "7", state: "failed" },
      { state: "failed", failure: { node: "7" } },
    ]);
  });

  test("that is to be cancelled is not begun again", async () => {
    const { devices, told, cancel } = shared(1, ["a"]);
    cancel.abort();
    devices[0].die();
    await tick();
    expect(devices[0].types()).toEqual(["run", "cancel"]);
    expect(told).toMatchObject([{ state: "cancelled" }]);
  });

  test("whose card was lost is tried once more by another process", async () => {
    const { devices, told } = shared(1, ["a"]);
    const lost: FromWorker = {
      type: "end",
      run: "r",
      state: "failed",
      failure: { code: "DEVICE_LOST", message: "The device it ran on was lost: VK_ERROR_DEVICE_LOST" },
    };
    devices[0].says(running);
    devices[0].says(lost);
    expect(devices[0].types()).toEqual(["run", "run"]);
    devices[0].says(lost);
    await tick();
    expect(told.at(-1)).toMatchObject({ state: "failed", failure: { code: "DEVICE_LOST" } });
  });
});

describe("a run on several devices", () => {
  /** Two devices that have asked, and are at batches 0 and 1. */
  function two(batches = 4) {
    const made = shared(batches, ["a", "b"]);
    const [a, b] = made.devices;
    a.asks();
    made.run.join(b.device);
    b.asks();
    expect([a.given(), b.given()]).toEqual([0, 1]);
    return { ...made, a, b };
  }
  const step = (index: number): RunEvent => ({ type: "step", path: "7", index, count: 2, ms: 1 });
  const batch = (index: number, count = 4) => ({ type: "batch", index, count, ms: 1, pictures: 16 });

  test("is told as if its batches had come one after the other", async () => {
    const { a, b, told } = two();
    b.event(step(0));
    b.event(step(1));
    await b.done(1, 4);
    b.asks();
    expect(b.given()).toBe(2);
    b.event(step(0));
    expect(told).toEqual([]);
    a.event(step(0));
    expect(told).toEqual([step(0)]);
    await a.done(0, 4);
    expect(told).toEqual([step(0), batch(0), step(1), batch(1), step(0)]);
  });

  test("gives a batch whose process died to another, and tells it once", async () => {
    const { a, b, told } = two(3);
    b.event(step(0));
    b.die();
    await a.done(0, 3);
    a.asks();
    expect(a.given()).toBe(1);
    b.asks();
    expect(b.given()).toBe(2);
    await a.done(1, 3);
    await b.done(2, 3);
    a.asks();
    b.asks();
    expect([a.given(), b.given()]).toContainEqual({ end: kept });
    (typeof a.given() === "object" ? a : b).end();
    await tick();
    expect(told).toEqual([batch(0, 3), batch(1, 3), batch(2, 3), "complete"]);
  });

  /** Whether two ends more would be too many. */
  const isBlamed = ({ device }: { readonly device: Device }) => device.strike() || device.strike();
  const crash: Gone = { ...killed, signal: "SIGSEGV" };
  const crashed = { state: "failed", failure: { code: "WORKER_CRASHED", signal: "SIGSEGV" } };

  test("fails when the same batch ends the processes of two, however many there are, and blames none", async () => {
    const { devices, told, run } = shared(9, ["a", "b", "c", "d"]);
    const [a, b, c, d] = devices;
    for (const one of devices) {
      if (one !== a) run.join(one.device);
      one.asks();
    }
    expect(devices.map((one) => one.given())).toEqual([0, 1, 2, 3]);
    b.die();
    await a.done(0, 9);
    a.asks();
    expect(a.given()).toBe(1);
    a.die(crash);
    expect([b, c, d].map((one) => one.types().at(-1))).toEqual(["cancel", "cancel", "cancel"]);
    for (const one of [b, c, d]) one.says({ type: "end", run: "r", state: "cancelled" });
    await tick();
    expect(told.at(-1)).toMatchObject(crashed);
    expect(devices.map(isBlamed)).toEqual([false, false, false, false]);
  });

  test("is begun by another where one failed before its first batch, fails with two, and blames none", async () => {
    const { devices, told, run } = shared(9, ["a", "b", "c"]);
    const [a, b, c] = devices;
    a.says(running);
    a.die();
    expect(a.types()).toEqual(["run"]);
    expect(devices.map(({ device }) => run.wants(device))).toEqual([false, true, true]);
    run.join(b.device);
    b.says(running);
    b.die(crash);
    await tick();
    expect(told.at(-1)).toMatchObject(crashed);
    expect([a, b, c].map(isBlamed)).toEqual([false, false, false]);
  });

  test("takes one again that failed before its first batch, when another has done one", async () => {
    const { devices, run } = shared(9, ["a", "b"]);
    const [a, b] = devices;
    a.says(running);
    a.die();
    run.join(b.device);
    b.asks();
    expect(run.wants(a.device)).toBe(false);
    await b.done(0, 9);
    expect(run.wants(a.device)).toBe(true);
  });

  test("goes on without a device that fails always", async () => {
    const { a, b, told } = two(9);
    for (let deaths = 0; deaths < 3; deaths++) {
      b.die();
      b.asks();
    }
    expect(b.device.out).toMatch(/SIGKILL/);
    for (let i = 0; i < 9; i++) {
      await a.done(a.given() as number, 9);
      a.asks();
    }
    a.end();
    expect(told.map((one) => (typeof one === "object" && "index" in one ? one.index : one))).toEqual([
      ...Array(9).keys(),
      "complete",
    ]);
  });

  test("leaves its devices but one to others who wait, and takes them again", async () => {
    const { a, b, run, askFor } = two();
    askFor(true);
    await a.done(0, 4);
    a.asks();
    expect(a.given()).toBe("leave");
    await b.done(1, 4);
    b.asks();
    expect(b.given()).toBe(2);
    a.says({ type: "end", run: "r", state: "left" });
    expect(a.device.run).toBeUndefined();
    expect(run.wants(a.device)).toBe(true);
  });

  test("gives nothing more ahead of a batch that lags, when what is told of the others weighs too much", async () => {
    const { a, b, run, told } = two(9);
    b.event({ type: "output", path: "7", name: "x".repeat(65 * 2 ** 20), mime: "image/png", sha256: "0" });
    await b.done(1, 9);
    b.asks();
    expect(b.given()).toBe("leave");
    b.says({ type: "end", run: "r", state: "left" });
    expect(run.wants(b.device)).toBe(false);
    await a.done(0, 9);
    expect(told.map((one) => (typeof one === "object" && "type" in one ? one.type : one))).toEqual([
      "batch",
      "output",
      "batch",
    ]);
    expect(run.wants(b.device)).toBe(true);
  });

  const other: FromWorker = {
    type: "end",
    run: "r",
    state: "failed",
    failure: { code: "OTHER_MACHINE", message: "another precision" },
  };

  test("is left by one that would draw other pictures, which makes the files at most", async () => {
    const { a, b, run, told, unfit } = two(3);
    b.says(other);
    expect(unfit).toEqual(["b: another precision"]);
    expect(run.wants(b.device)).toBe(false);
    for (const batch of [0, 1, 2]) {
      await a.done(batch, 3);
      if (batch < 2) a.asks();
    }
    a.says({ type: "end", run: "r", state: "left" });
    expect(run.wants(b.device)).toBe(true);
    run.join(b.device);
    b.asks();
    expect(b.given()).toEqual({ end: kept });
    b.end();
    expect(told).toEqual([batch(0, 3), batch(1, 3), batch(2, 3), "complete"]);
  });

  test("fails where nobody is left who would draw the same", async () => {
    const { a, b, told } = two(3);
    b.says(other);
    a.says(other);
    await tick();
    expect(told).toMatchObject([{ state: "failed", failure: { message: "another precision" } }]);
  });

  test.each(["has looked first", "has drawn"])(
    "waits for who may come where nobody is left, whoever %s",
    async (how) => {
      const { devices, run, told, unfit } = shared(2, ["a"], { mayCome: true });
      const [a] = devices;
      const b = played("b", { isHelper: true });
      a.asks();
      if (how === "has drawn") {
        run.join(b.device);
        b.asks();
      }
      a.says(other);
      expect([run.waitsFor, run.isAbandoned]).toEqual(
        how === "has drawn" ? [undefined, false] : ["another precision", true],
      );
      // Its machine went, with what it was at.
      if (how === "has drawn") b.says({ type: "end", run: "r", state: "left" });
      await tick();
      expect([told, unfit, run.waitsFor]).toEqual([[], ["a: another precision"], "another precision"]);
      expect([run.wants(a.device), run.wants(b.device)]).toEqual([false, true]);
      run.join(b.device);
      for (const batch of [0, 1]) {
        b.asks();
        expect(b.given()).toBe(batch);
        await b.done(batch, 2);
      }
      b.asks();
      b.says({ type: "end", run: "r", state: "left" });
      expect([run.wants(a.device), run.waitsFor]).toEqual([true, undefined]);
      run.join(a.device);
      a.asks();
      a.end();
      expect(told).toEqual([batch(0, 2), batch(1, 2), "complete"]);
    },
  );

  test("waits for who can draw it while helpers refuse it, until one has drawn a batch", async () => {
    const { devices, run, told } = shared(3, ["a"], { mayCome: true });
    const refused: FromWorker = { type: "end", run: "r", state: "refused", why: "It lacks a node" };
    const helpers = ["b", "c"].map((name) => played(name, { isHelper: true }));
    devices[0].asks();
    for (const one of [...helpers, ...helpers]) {
      run.join(one.device);
      one.asks();
      expect(one.given()).toBe(1);
      one.says(refused);
    }
    expect([run.refused?.why, run.waitsFor]).toEqual(["It lacks a node", undefined]);
    devices[0].says({ type: "end", run: "r", state: "left" });
    expect([told, run.waitsFor, run.isAbandoned]).toEqual([[], "It lacks a node", true]);
    const [, able] = helpers;
    run.join(able.device);
    // Whether it can is not known yet.
    expect(run.waitsFor).toBe("It lacks a node");
    able.asks();
    await able.done(0, 3);
    expect([run.refused, run.waitsFor]).toEqual([undefined, undefined]);
  });

  test("is cancelled when all have left it", async () => {
    const { a, b, told, cancel } = two();
    cancel.abort();
    expect([a.types().at(-1), b.types().at(-1)]).toEqual(["cancel", "cancel"]);
    a.says({ type: "end", run: "r", state: "cancelled" });
    await tick();
    expect(told).toEqual([]);
    b.die();
    await tick();
    expect(told).toMatchObject([{ state: "cancelled" }]);
  });

  test.each(["is told that it is over", "is deaf, and ended"])(
    "that one plans still when it is over: it %s",
    async (how) => {
      const { devices, run, told } = shared(2, ["a", "b"], how.startsWith("is deaf") ? { graceMs: 1 } : {});
      const [a, b] = devices;
      a.asks();
      run.join(b.device);
      for (const batch of [0, 1]) {
        await a.done(batch, 2);
        a.asks();
      }
      a.end();
      expect(told.at(-1)).toBe("complete");
      expect([a.types().at(-1), b.types()]).toEqual(["next", ["run", "cancel"]]);
      expect([a.device.run, b.device.run]).toEqual([undefined, "r"]);
      if (how.startsWith("is told")) b.says({ type: "end", run: "r", state: "cancelled" });
      await vi.waitUntil(() => b.device.run === undefined);
      expect([...run.devices]).toEqual([]);
    },
  );

  test("fails as one of them does, when the others have left it", async () => {
    const { a, b, told } = two();
    b.event({ type: "node", path: "7", state: "failed", message: "no" });
    b.says({ type: "end", run: "r", state: "failed", failure: { code: "GRAPH", message: "no", node: "7" } });
    expect(a.types().at(-1)).toBe("cancel");
    a.says({ type: "end", run: "r", state: "cancelled" });
    await tick();
    expect(told).toMatchObject([
      { type: "node", state: "failed" },
      { state: "failed", failure: { code: "GRAPH" } },
    ]);
  });

  test("ends with each batch told once, in order, whoever dies when", async () => {
    const seed = Date.now() % 2 ** 31;
    const random = generator(seed);
    const batches = 40;
    const { devices, run, told } = shared(batches, ["a", "b", "c"]);
    const deadly = new Set<number>();
    const state = new Map(devices.map((one) => [one, { asked: false, at: undefined as number | undefined }]));
    for (let turn = 0; turn < 5_000 && told.at(-1) !== "complete"; turn++) {
      const one = devices[Math.floor(random() * devices.length)];
      const its = state.get(one)!;
      if (one.device.out !== undefined) continue;
      if (one.device.run === undefined) {
        if (run.wants(one.device)) run.join(one.device);
        Object.assign(its, { asked: false, at: undefined });
        continue;
      }
      const given = one.given();
      if (!its.asked) {
        one.sent.length = 0;
        one.asks();
        its.asked = true;
      } else if (given === undefined) {
        // It waits for what others do.
      } else if (random() < 0.15 && typeof given === "number" && its.at === undefined) {
        its.at = given;
        one.event(step(0));
      } else if (random() < 0.05 && its.at !== undefined && !deadly.has(its.at)) {
        // A batch that ended two would fail the run.
        deadly.add(its.at);
        one.device.forgive();
        one.die();
        Object.assign(its, { asked: false, at: undefined });
      } else if (typeof given === "number") {
        one.event(step(1));
        await one.done(given, batches);
        Object.assign(its, { asked: false, at: undefined });
      } else if (given === "leave") {
        one.says({ type: "end", run: "r", state: "left" });
        Object.assign(its, { asked: false, at: undefined });
      } else {
        one.end();
        await tick();
      }
    }
    const told_ = told.flatMap((one) =>
      typeof one === "object" && "count" in one && one.type === "batch" ? [one.index] : [],
    );
    expect(told_, `seed ${seed}`).toEqual([...Array(batches).keys()]);
    expect(told.at(-1), `seed ${seed}`).toBe("complete");
  });
});
