import { expect, test } from "vitest";
import type { Devices } from "../../../server/devices/devices.ts";
import { type QueueOptions, RunQueue } from "../../../server/runs/queue.ts";

/** A queue whose devices are all busy, or none where none is left. */
function queue({ usable = [{}] as readonly object[], ...others }: Readonly<Record<string, object>> = {}): RunQueue {
  const devices = { usable, free: [], whenFree() {} } as unknown as Devices;
  return new RunQueue({ devices, ...others } as unknown as QueueOptions);
}

test("takes no run when no device is left to draw it", () => {
  expect(() => queue().checkOpen(undefined)).not.toThrow();
  expect(() => queue({ usable: [] }).checkOpen(undefined)).toThrow(/No device is left .* started anew/);
});
