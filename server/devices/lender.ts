/** What a run needs of whoever lends it devices: the queue of a server, the command line, a machine that draws one shard. */
import type { Device } from "./device.ts";

export interface Lender {
  /** Somebody waits for one like this: it leaves a run that it is not the last at. */
  readonly isAskedFor: (device: Device) => boolean;
  /** It is nobody's now. */
  readonly giveBack: (device: Device) => void;
  /** There is something to do for one more. */
  readonly ask: () => void;
  /** Its process ended, of itself or as it lost its card. */
  readonly failed: (device: Device, how: string) => void;
  /** It would draw other pictures than those of this run, and makes its files at most. */
  readonly unfit: (device: Device, why: string) => void;
  /** All that may still be lent. */
  readonly all: () => readonly Device[];
  /** Whether some may come that are not there: what nobody here can draw waits for them. */
  readonly mayCome: () => boolean;
}
