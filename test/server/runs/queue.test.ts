import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { of, Subject } from "rxjs";
import { expect, test } from "vitest";
import type { FromWorker, ToWorker } from "../../../server/channel/messages.ts";
import { Device } from "../../../server/devices/device.ts";
import { Devices } from "../../../server/devices/devices.ts";
import type { RunSummary } from "../../../server/protocol.ts";
import type { NewRun } from "../../../server/runs/history.ts";
import { type QueueOptions, RunQueue } from "../../../server/runs/queue.ts";
import type { Worker } from "../../../server/supervisor/worker.ts";
import { temporaryFolder } from "../../support/cli.ts";

/** A queue whose devices are all busy, or none where none is left. */
function queue({ usable = [{}] as readonly object[], ...others }: Readonly<Record<string, object>> = {}): RunQueue {
  const devices = { usable, free: [], whenFree() {} } as unknown as Devices;
  return new RunQueue({ devices, ...others } as unknown as QueueOptions);
}

test("takes no run when no device is left to draw it", () => {
  expect(() => queue().checkOpen(undefined)).not.toThrow();
  expect(() => queue({ usable: [] }).checkOpen(undefined)).toThrow(/No device is left .* started anew/);
});

test("goes on with what had begun before all that waited, each in the order in which it was due", async () => {
  const folder = temporaryFolder();
  const outputs = (id: string) => join(folder, id);
  // In the order in which they were due; of the begun ones a batch is done.
  const left = [
    { id: "waits 1", by: "ann", state: "queued" },
    { id: "begun 1", by: "ann", state: "running" },
    { id: "begun 2", by: "ann", state: "queued" },
    { id: "waits 2", by: "ann", state: "queued" },
    { id: "begun 3", by: "bob", state: "running" },
    { id: "lost", by: "bob", state: "running" },
    { id: "given up", by: "bob", state: "cancelling" },
  ];
  for (const { id } of left.filter(({ id }) => id.startsWith("begun"))) {
    mkdirSync(join(outputs(id), ".guidegraph", id), { recursive: true });
    const done = { done: 1, spools: {}, numbers: {}, saved: [] };
    writeFileSync(join(outputs(id), ".guidegraph", id, "journal"), `${JSON.stringify(done)}\n`);
  }
  const told: string[] = [];
  const resumed = queue({
    history: { inStates: async () => left.map((run) => ({ ...run, seq: 2 })) },
    log: { open() {}, append: async (id: string, { state }: { state: string }) => told.push(`${id} is ${state}`) },
    data: { outputs },
  });
  await resumed.resume();
  const place = (id: string) => (resumed.placed({ id } as RunSummary) as { position?: number }).position ?? Infinity;
  const placed = left.map(({ id }) => id).filter((id) => place(id) < Infinity);
  expect(placed.sort((a, b) => place(a) - place(b))).toEqual(["begun 1", "begun 3", "begun 2", "waits 1", "waits 2"]);
  expect(told).toEqual(["begun 1 is queued", "begun 3 is queued", "lost is interrupted", "given up is interrupted"]);
});

/** A device whose process is played: it takes batches as a helper, or looks and leaves them to helpers. */
function played(name: string, isHelper: boolean) {
  const messages = new Subject<FromWorker>();
  const device: Device = new Device(
    name,
    { messages, gone: new Subject(), started: new Subject(), state: "ready", send } as never,
    { isHelper },
  );
  const says = (message: object) => messages.next({ run: device.run, ...message } as FromWorker);
  function send(message: ToWorker) {
    if (message.type === "run") setTimeout(() => says({ type: "next", canSpread: true, identity: "i" }));
    else if (message.type === "cancel") says({ type: "end", state: "left" });
    else if (message.type === "next" && message.is === "leave") says({ type: "end", state: "left" });
  }
  const kept = { spools: {}, numbers: {}, gathered: {} };
  return {
    device,
    refuses: () => says({ type: "end", state: "refused", why: "It lacks a node" }),
    does: (batch: number) => says({ type: "done", batch, of: 3, ms: 1, saved: [], kept }),
  };
}

/** A queue of a server whose own device looks at runs, and leaves their batches to helpers. */
function helped(others: Pick<QueueOptions, "helping" | "placed"> = {}) {
  const folder = temporaryFolder();
  const states: string[] = [];
  const own = played("cpu", false);
  const devices = new Devices([own.device as Device<Worker>], () => {});
  const append = (_: string, event: { readonly type: string; readonly state?: string }) => {
    if (event.type === "run" && event.state !== undefined) states.push(event.state);
    return of(event);
  };
  const runs = new RunQueue({
    history: { job: async () => ({ graph: "{}", options: { batches: 3, watch: [] } }) },
    log: { begin: async () => {}, append, settled: async () => {} },
    data: { outputs: (id: string) => join(folder, id) },
    quarantine: { guarded: (_: string, events$: unknown) => events$ },
    ballast: { hasRoom: async () => true },
    folders: { look: async () => undefined },
    previews: { keep: async () => {} },
    deadlineMs: 60_000,
    drawers: "helpers",
    devices,
    ...others,
  } as unknown as QueueOptions);
  const add = (id: string) => runs.add({ id, options: { batches: 3, watch: [] } } as unknown as NewRun);
  return { own, devices, runs, add, states };
}

test("a run that helpers refuse takes no turn of another's, and of several refused each has its turn", async () => {
  const { own, devices, runs, add } = helped();
  for (const id of ["a", "b", "c"]) await add(id);
  await expect.poll(() => [runs.running, own.device.run]).toEqual([3, undefined]);

  const { device, refuses } = played("worker", true);
  devices.add(device);
  const turns = [];
  for (let i = 0; i < 7; i++) {
    await expect.poll(() => runs.batchOf(device)?.batch).toBe(0);
    turns.push(device.run);
    refuses();
  }
  expect(turns.join("")).toBe("abcabca");
  expect([...runs.stranded.keys()]).toEqual(["a", "b", "c"]);
  await runs.close(0);
});

test("a run is given to no more helpers than would draw it, and to them when they would again", async () => {
  let would = 0;
  const { own, devices, runs, add } = helped({ helping: (run) => (run === "refused" ? would : 2) });
  await add("refused");
  await expect.poll(() => [runs.running, own.device.run]).toEqual([1, undefined]);
  const helpers = ["a", "b"].map((name) => played(name, true).device);
  for (const one of helpers) devices.add(one);
  const of = () => helpers.map(({ run }) => run);
  await add("another");
  await expect.poll(of).toEqual(["another", "another"]);
  await runs.cancel("another");
  await expect.poll(of).toEqual([undefined, undefined]);
  would = 1;
  devices.changed();
  await expect.poll(of).toEqual(["refused", undefined]);
  await runs.close(0);
});

test.each([
  ["a batch that came while the server ended leaves its run to the next one", true],
  ["a run of which none came by then is interrupted", false],
])("%s", async (_, comes) => {
  const { device, does } = played("worker", true);
  const placed = async () => {
    if (comes) does(0);
  };
  const { devices, runs, add, states } = helped({ placed });
  await add("a");
  devices.add(device);
  await expect.poll(() => runs.batchOf(device)?.batch).toBe(0);
  await runs.close(0);
  // What comes behind that changes nothing.
  does(comes ? 1 : 0);
  expect([runs.isLeft("a"), states.includes("interrupted")]).toEqual([comes, !comes]);
});
