/**
 * The runs at work, and who draws them. A device that is free comes, in this order, to a run that none is at any more; takes the
 * run that is due; or helps one that has batches left, which it leaves when one is due.
 */
import type { Device } from "../devices/device.ts";
import type { Devices } from "../devices/devices.ts";
import type { Lender } from "../devices/lender.ts";
import type { SharedRun } from "../devices/shared-run.ts";
import type { StillThere } from "../files/still-there.ts";
import { ActiveRun, type ActiveRunOptions } from "./active-run.ts";
import type { Waiting } from "./waiting.ts";

export interface AtWorkOptions extends ActiveRunOptions {
  readonly devices: Devices;
  readonly folders: Pick<StillThere, "look">;
  /** How many devices of other machines would draw batches of a run, by what they say of it; absent: all that are lent. */
  readonly helping?: (run: string) => number;
  readonly waiting: Waiting;
  /** One waits no more. */
  readonly begun: () => void;
}

/** So long no run is begun on a full disk, or without its folder, before it is looked at again. */
const retryMs = 1_000;

export class AtWork {
  readonly #options: AtWorkOptions;
  readonly #runs = new Map<string, ActiveRun>();
  /** The runs whose folders are written to, and when that is over. */
  readonly #writing = new Map<string, Promise<void>>();
  #lending: Promise<void> | undefined;
  #isDue = false;

  constructor(options: AtWorkOptions) {
    this.#options = options;
    options.devices.whenFree(() => this.lend());
  }

  get size(): number {
    return this.#runs.size;
  }

  get all(): readonly ActiveRun[] {
    return [...this.#runs.values()];
  }

  /** One that has begun and is not over. */
  get(run: string): ActiveRun | undefined {
    return this.#runs.get(run);
  }

  /** Runs that nobody who is there can draw on, and why: they wait for who may come. */
  get stranded(): ReadonlyMap<string, string> {
    return new Map(
      this.all.flatMap(({ id, shared }) => (shared?.waitsFor === undefined ? [] : [[id, shared.waitsFor]])),
    );
  }

  /** The batch that a device is at, of which run. */
  batchOf(device: Device): { readonly run: string; readonly batch?: number } | undefined {
    if (device.run === undefined) return undefined;
    const batch = this.get(device.run)?.shared?.devices.get(device);
    return { run: device.run, ...(batch !== undefined && { batch }) };
  }

  /** Resolves when nothing is written into a run's folder any more. */
  async untouched(id: string): Promise<void> {
    await this.#writing.get(id);
  }

  /** Resolves when all that are at work now are over. */
  get settled(): Promise<unknown> {
    return Promise.all(this.#writing.values());
  }

  /** Devices are lent, as long as there is one, and something for it to do. */
  lend(): void {
    this.#isDue = true;
    this.#lending ??= this.#lendAll().finally(() => {
      this.#lending = undefined;
      // Something may have changed behind its last look.
      if (this.#isDue && !this.#isEnding) this.lend();
    });
  }

  async #lendAll(): Promise<void> {
    const { devices, waiting } = this.#options;
    while (this.#isDue && !this.#isEnding) {
      this.#isDue = false;
      for (const device of devices.free) {
        const wanting = this.#wanting(device);
        if (wanting?.isAbandoned) wanting.join(device);
        else if (waiting.size > 0 && !device.isHelper) {
          if (await this.#hasRoom()) this.#begin(device);
        } else wanting?.join(device);
      }
    }
  }

  /**
   * The run that a device joins: one that nobody is at first. What helpers could not draw they are given behind all else, the
   * one that was refused longest ago first: it takes nobody's turn.
   */
  #wanting(device: Device): SharedRun | undefined {
    const refusedAt = ({ refused }: SharedRun) => (device.isHelper && refused ? refused.at : 0);
    const wanting = this.all.flatMap(({ id, shared }) =>
      shared?.wants(device) && (!device.isHelper || this.#mayHelp(id, shared)) ? [shared] : [],
    );
    return wanting.sort((a, b) => refusedAt(a) - refusedAt(b) || Number(b.isAbandoned) - Number(a.isAbandoned))[0];
  }

  /** What is given out beyond those who would draw it comes back at once from those who refuse it. */
  #mayHelp(id: string, { devices }: SharedRun): boolean {
    const { helping = () => Number.POSITIVE_INFINITY } = this.#options;
    return [...devices.keys()].filter(({ isHelper }) => isHelper).length < helping(id);
  }

  async #hasRoom(): Promise<boolean> {
    const { ballast, folders } = this.#options;
    const hasRoom = (await folders.look()) === undefined && (await ballast.hasRoom());
    if (!hasRoom) setTimeout(() => this.lend(), retryMs).unref();
    return hasRoom;
  }

  /** The run that is due; it may have been cancelled meanwhile, and the device be gone. */
  #begin(device: Device): void {
    const { devices, waiting, begun } = this.#options;
    if (this.#isEnding || !devices.free.includes(device)) return;
    const due = waiting.take();
    if (!due) return;
    device.run = due.id;
    const active = new ActiveRun(due, this.#options);
    this.#runs.set(due.id, active);
    begun();
    this.#writing.set(
      due.id,
      this.#workOn(active, device).finally(() => this.#writing.delete(due.id)),
    );
  }

  async #workOn(active: ActiveRun, device: Device): Promise<void> {
    const { changed, previews } = this.#options;
    await active.work(device, this.#lender);
    if (device.run === active.id && !active.shared?.devices.has(device)) device.run = undefined;
    this.#runs.delete(active.id);
    changed.next(active.id);
    this.lend();
    await previews.keep(active.id);
  }

  readonly #lender: Lender = {
    isAskedFor: (device) =>
      this.#options.waiting.size > 0 || this.all.some(({ shared }) => shared?.isAbandoned && shared.wants(device)),
    giveBack: () => this.lend(),
    ask: () => this.lend(),
    failed: (device, how) => this.#options.devices.failed(device, how),
    unfit: ({ name, run }, why) =>
      this.#options.say(`${name} draws no batches of run ${run}: ${why}`, {
        level: "warn",
        ...(run !== undefined && { run }),
      }),
    all: () => this.#options.devices.drawing,
    // A worker may, and the next server may have another device.
    mayCome: () => true,
  };

  get #isEnding(): boolean {
    return this.#options.ending.aborted;
  }
}
