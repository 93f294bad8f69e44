/** Who cannot draw the batches of a run, why, and whether somebody else is left who may. */
import type { RunFailure } from "../protocol.ts";
import type { Device } from "./device.ts";
import type { Lender } from "./lender.ts";

/** A machine could not draw what it was given, at a moment (as performance.now() tells). */
export interface Refused {
  readonly why: string;
  readonly at: number;
}

export class Fitness {
  readonly #lender: Pick<Lender, "all" | "mayCome">;
  /** They would draw other pictures than those that there are. */
  readonly #unfit = new Map<Device, RunFailure>();
  /** Where a card was lost once. */
  readonly #lostAt = new Set<number>();
  #refused: Refused | undefined;

  constructor(lender: Pick<Lender, "all" | "mayCome">) {
    this.#lender = lender;
  }

  isUnfit(device: Device): boolean {
    return this.#unfit.has(device);
  }

  /** It would draw other pictures, as long as the run goes on. */
  wouldDiffer(device: Device, failure: RunFailure): void {
    this.#unfit.set(device, failure);
  }

  /** Of the first that would draw other pictures. */
  get failure(): RunFailure | undefined {
    const [failure] = this.#unfit.values();
    return failure;
  }

  refusedFor(why: string, at: number): void {
    this.#refused = { why, at };
  }

  /** A machine has drawn a batch. */
  drawn(): void {
    this.#refused = undefined;
  }

  /** Why a machine could not draw what it was given last, and when, until one has drawn a batch. */
  get refused(): Refused | undefined {
    return this.#refused;
  }

  /** Whether batches may be drawn by somebody besides these. */
  mayOthers(besides: ReadonlySet<Device> = new Set()): boolean {
    return this.#lender.all().some((device) => !besides.has(device) && !this.#unfit.has(device));
  }

  /** Whether they are drawn at last: by who is there, or who may come. */
  get mayGoOn(): boolean {
    return this.mayOthers() || this.#lender.mayCome();
  }

  /** A lost card may be found by the next process, once at each batch; before the first is one too. */
  isFirstLoss({ code }: RunFailure, at = -1): boolean {
    if (code !== "DEVICE_LOST" || this.#lostAt.has(at)) return false;
    this.#lostAt.add(at);
    return true;
  }
}
