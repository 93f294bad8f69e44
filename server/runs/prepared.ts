/**
 * Runs that are most likely added in a moment: a free device is told of one while nothing else is to be done, so that it has
 * planned it, and loaded its networks, when it is lent to it.
 */
import type { Task } from "../channel/messages.ts";
import type { Device } from "../devices/device.ts";

export class Prepared {
  /** By run, until its device has said something. */
  readonly #devices = new Map<string, Device>();

  tell(device: Device, task: Task): void {
    this.#devices.set(task.run, device);
    device.worker.send({ type: "prepare", task });
  }

  /** Whatever the device was to prepare is behind it. */
  isBehind(device: Device): void {
    for (const [run, of] of this.#devices) if (of === device) this.#devices.delete(run);
  }

  /** A run is too much for any process: that of its device may be at it still, and is given up. */
  forsake(run: string): void {
    const device = this.#devices.get(run);
    if (!device) return;
    this.isBehind(device);
    device.worker.kill();
  }
}
