import { copyFileSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { Subject } from "rxjs";
import { describe, expect, test, vi } from "vitest";
import type { RunEvent } from "../../../executor/index.ts";
import type { FromWorker, Next, ToWorker } from "../../../server/channel/messages.ts";
import { Device } from "../../../server/devices/device.ts";
import { SharedRun, type SharedRunOptions } from "../../../server/devices/shared-run.ts";
import { Journal } from "../../../server/files/journal.ts";
import type { Gone } from "../../../server/supervisor/child.ts";
import type { Worker } from "../../../server/supervisor/worker.ts";
import { temporaryFolder } from "../../support/cli.ts";
import { generator } from "../../support/random.ts";

const killed: Gone = { code: null, signal: "SIGKILL", stderr: "" };
const kept = { spools: {}, numbers: {}, gathered: {} };
const running: FromWorker = { type: "event", run: "r", event: { type: "node", path: "7", state: "running" } };
type Told = RunEvent | { type: "preview" } | Error | "complete";

/** A device whose process is played by the test. */
function played(name: string, how = {}) {
  const [messages, gone] = [new Subject<FromWorker>(), new Subject<Gone>()];
  const sent: ToWorker[] = [];
  const worker = {
    messages,
    gone,
    state: "ready",
    send: (message: ToWorker) => sent.push(message),
    kill: () => gone.next(killed),
    close: async () => {},
  } as unknown as Worker;
  const device = new Device(name, worker, how);
  return {
    device,
    sent,
    die: (how = killed) => gone.next(how),
    says: (message: FromWorker) => messages.next(message),
    asks: (identity = "i") => messages.next({ type: "next", run: "r", canSpread: true, identity, pictures: 16 }),
    /** The answer to its last question. */
    given: (): Next | undefined => sent.flatMap((one) => (one.type === "next" ? [one.is] : [])).at(-1),
    event: (event: RunEvent) => messages.next({ type: "event", run: "r", event }),
    async done(batch: number, of: number) {
      messages.next({ type: "done", run: "r", batch, of, ms: 1, saved: [], kept });
      await tick();
    },
    end: () => messages.next({ type: "end", run: "r", state: "succeeded" }),
    types: () => sent.map(({ type }) => type),
  };
}
const tick = () => new Promise((resolve) => setTimeout(resolve));

/** One device is lent again at once, as long as it is wanted and no other may come. */
function shared(
  batches: number,
  names: readonly string[],
  {
    graceMs = 1_500,
    mayCome = false,
    ...given
  }: Pick<SharedRunOptions, "graceMs" | "journal" | "told"> & { mayCome?: boolean } = {},
) {
  const devices = names.map(played);
  const cancel = new AbortController();
  const told: Told[] = [];
  const unfit: string[] = [];
  let isAskedFor = false;
  const lender = {
    isAskedFor: () => isAskedFor,
    giveBack: (device: Device) => names.length === 1 && !mayCome && run.wants(device) && run.join(device),
    ask() {},
    failed: (device: Device, how: string) => {
      if (device.strike() && lender.all().length > 1) device.takeOut(how);
    },
    unfit: ({ name }: Device, why: string) => unfit.push(`${name}: ${why}`),
    all: () => devices.map(({ device }) => device).filter(({ out }) => out === undefined),
    mayCome: () => mayCome,
  };
  const task = { run: "r", graph: "{}", options: { batches, watch: [] }, folder: "" };
  const options = { lender, cancel: cancel.signal, deadlineMs: 60_000, graceMs, ...given };
  const run = new SharedRun(task, devices[0].device, options);
  run.events$.subscribe({
    next: (event) => told.push(event),
    error: (error) => told.push(error),
    complete: () => told.push("complete"),
  });
  const askFor = (is: boolean) => {
    isAskedFor = is;
  };
  return { run, devices, told, unfit, cancel, askFor };
}

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

test.each([
  ["all of them", undefined, []],
  ["the first alone", 1, [1, 2, 4]],
  ["none", 0, [0, 1, 2, 4]],
])("of batches that were noted before those are told that were not: %s was", async (_, told, untold) => {
  const journal = await Journal.open(temporaryFolder(), "r");
  for (const batch of [4, 0, 2, 1]) {
    const saved = [{ path: "1", name: `${batch}.png`, mime: "image/png", sha256: "0" }];
    await journal.note(batch, saved, kept, { took: { ms: batch, pictures: 2 } });
  }
  await journal.close(false);
  const options = {
    journal: await Journal.open(dirname(dirname(journal.folder)), "r"),
    ...(told !== undefined && { told }),
  };
  const run = shared(5, ["a"], options);
  const [a] = run.devices;
  a.asks();
  expect(a.given()).toBe(3);
  await a.done(3, 5);
  a.asks();
  await vi.waitFor(() => expect(a.given()).toEqual({ end: kept }));
  a.end();
  const batch = (index: number): object[] =>
    index === 3 ? [{ index, ms: 1 }] : [{ name: `${index}.png` }, { index, count: 5, ms: index, pictures: 2 }];
  const expected = [...untold, 3].sort().flatMap(batch);
  await vi.waitFor(() => expect(run.told).toMatchObject([...expected, "complete"]));
  await options.journal.close(true);
});

describe("batches of one run are of one making", () => {
  const other = {
    state: "failed",
    failure: { message: expect.stringContaining("is another than when this run began") },
  };

  test.each([
    ["as it was", "i", "complete"],
    ["with another model, precision or version", "j", other],
  ])("a server that goes on with it %s", async (_, identity, end) => {
    const before = await Journal.open(temporaryFolder(), "r");
    const {
      devices: [first],
    } = shared(2, ["a"], { journal: before });
    first.asks();
    await first.done(0, 2);
    await vi.waitFor(() => expect(before.done).toBe(1));
    await before.close(false);

    // As another process finds it.
    const later = temporaryFolder();
    mkdirSync(join(later, ".guidegraph", "r"), { recursive: true });
    copyFileSync(join(before.folder, "journal"), join(later, ".guidegraph", "r", "journal"));
    const journal = await Journal.open(later, "r");
    const {
      devices: [a],
      told,
    } = shared(2, ["a"], { journal });
    a.asks(identity);
    if (identity === "i") {
      await a.done(1, 2);
      a.asks();
      await vi.waitFor(() => expect(a.given()).toEqual({ end: kept }));
      a.end();
    } else {
      expect(a.types()).toEqual(["run", "cancel"]);
      a.says({ type: "end", run: "r", state: "cancelled" });
    }
    await vi.waitFor(() => expect([told.at(-1)]).toMatchObject([end]));
    await journal.close(true);
  });

  test("and so a process that comes when a model was replaced draws none", async () => {
    const {
      devices: [a, b],
      run,
      told,
    } = shared(4, ["a", "b"]);
    a.asks();
    run.join(b.device);
    b.asks("j");
    expect([a.types().at(-1), b.types().at(-1)]).toEqual(["cancel", "cancel"]);
    for (const one of [a, b]) one.says({ type: "end", run: "r", state: "cancelled" });
    await tick();
    expect(told.at(-1)).toMatchObject(other);
  });
});
