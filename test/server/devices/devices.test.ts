import { Subject } from "rxjs";
import { expect, test } from "vitest";
import { Device } from "../../../server/devices/device.ts";
import { Devices } from "../../../server/devices/devices.ts";
import type { Worker } from "../../../server/supervisor/worker.ts";

/** Devices whose processes pause; `dies`: one cannot start any more. */
function paused(...names: readonly string[]) {
  const made = names.map((name) => {
    const [started, gone] = [new Subject<void>(), new Subject<void>()];
    const worker = { started, gone, state: "paused", unusable: undefined as string | undefined, close: async () => {} };
    const dies = () => {
      worker.unusable = "no driver";
      gone.next();
    };
    return { device: new Device(name, worker as unknown as Worker), dies };
  });
  const said: string[] = [];
  const all = made.map(({ device }) => device);
  return { devices: new Devices(all, (line) => said.push(line)), dies: made.map(({ dies }) => dies), said };
}

test("one that pauses is offered when it is the last, and none when that is out", () => {
  const { devices, dies, said } = paused("a", "b");
  const offered: string[][] = [];
  devices.whenFree(() => offered.push(devices.free.map(({ name }) => name)));
  expect(devices.free).toEqual([]);
  for (const die of dies) die();
  expect(offered).toEqual([["b"], []]);
  expect(devices.usable).toEqual([]);
  expect(said).toEqual([
    expect.stringMatching(/^Device a .*: no driver. What it had to do goes to b$/),
    expect.stringMatching(/^Device b .*: no driver. None is left$/),
  ]);
});
