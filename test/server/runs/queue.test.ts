import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Devices } from "../../../server/devices/devices.ts";
import type { RunSummary } from "../../../server/protocol.ts";
import { type QueueOptions, RunQueue } from "../../../server/runs/queue.ts";
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
