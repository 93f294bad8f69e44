/** The devices of a server, and of a run on the command line: lent, given back, and taken out when they fail. */
import type { Say } from "../log/say.ts";
import type { Worker } from "../supervisor/worker.ts";
import type { Device } from "./device.ts";

/** Why no run is taken when none may be used any more. */
export const noneLeft = "No device is left to draw with: the server has to be started anew";

/** In which words it is said that one is not used any more, and who goes on; undefined: whoever began it says so. */
interface Words {
  takenOut(device: Device, why: string, left: readonly string[]): string | undefined;
}

/** A server's. */
const untilNextStart: Words = {
  takenOut({ name }, why, left) {
    const others = left.length > 0 ? `What it had to do goes to ${left.join(", ")}` : "None is left";
    return `Device ${name} is taken out until the next start: ${why}. ${others}`;
  },
};

export class Devices {
  /** Those of this machine. */
  readonly all: readonly Device<Worker>[];
  readonly #say: Say;
  readonly #words: Words;
  readonly #helpers = new Set<Device>();
  #freed: () => void = () => {};

  constructor(all: readonly Device<Worker>[], say: Say, words: Words = untilNextStart) {
    this.all = all;
    this.#say = say;
    this.#words = words;
    for (const device of all) {
      device.worker.started.subscribe(() => this.#freed());
      device.worker.gone.subscribe(() => {
        if (device.worker.unusable !== undefined) this.#takeOut(device, device.worker.unusable);
      });
    }
  }

  /** Called when one may be free that was not. */
  whenFree(freed: () => void): void {
    this.#freed = freed;
  }

  /** Those of this machine that may still be used. */
  get usable(): readonly Device<Worker>[] {
    return this.all.filter(({ out }) => out === undefined);
  }

  /** Those and all helpers: who may draw a batch. */
  get drawing(): readonly Device[] {
    return [...this.usable, ...this.#helpers];
  }

  /** One comes that helps. */
  add(helper: Device): void {
    this.#helpers.add(helper);
    this.#freed();
  }

  /** Helpers would draw what they would not before. */
  changed(): void {
    this.#freed();
  }

  /** It helps no more; what it was at is its own to give back. */
  remove(helper: Device): void {
    this.#helpers.delete(helper);
  }

  /** Those that nobody has, who can begin at once first, helpers last. One that pauses has to do where it is the only one. */
  get free(): readonly Device[] {
    const idle = this.usable.filter(({ run }) => run === undefined);
    const awake = idle.filter(({ worker }) => worker.state !== "paused");
    const isAlone = this.usable.length === 1;
    const isReady = ({ worker }: Device) => (worker.state === "ready" ? 0 : 1);
    const helpers = [...this.#helpers].filter(({ run }) => run === undefined);
    return [...[...(isAlone ? idle : awake)].sort((a, b) => isReady(a) - isReady(b)), ...helpers];
  }

  /** Its process ended, or its card was lost: once too often in a row, and others do its work. */
  failed(device: Device, how: string): void {
    if (device.isHelper) return;
    const others = this.usable.filter((other) => other !== device);
    if (device.strike() && others.length > 0) this.#takeOut(device, how);
  }

  close(): Promise<unknown> {
    return Promise.all(this.all.map(({ worker }) => worker.close()));
  }

  #takeOut(device: Device, why: string): void {
    if (device.out !== undefined) return;
    device.takeOut(why);
    const left = this.usable.map(({ name }) => name);
    const line = this.#words.takenOut(device, why, left);
    if (line !== undefined) this.#say(line, { level: "warn" });
    // One that pauses has to do when it is the only one that is left.
    this.#freed();
  }
}
