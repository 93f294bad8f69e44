/** What one device does for a run that it is lent to. */
import type { Subscription } from "rxjs";
import type { RunEvent } from "../../executor/index.ts";
import type { RunFailure } from "../protocol.ts";
import type { Device } from "./device.ts";

export class Part {
  readonly device: Device;
  /** To what its process says. */
  readonly heard: Subscription;
  /** The node at work. */
  node: string | undefined;
  /** "first": it was not taken up yet; "second": so, and it was given to another process before. */
  chance: "first" | "second" | "taken" = "first";
  /** A batch was done since its process took it up. */
  hasCome = false;
  /** How many batches it waits for. */
  asks = 0;
  isLeaving = false;
  /** The batches that it was given and has not said to be done, the oldest first: what it says is of that one. */
  readonly at: number[] = [];
  /** Its card was lost, and its process is ended for it. */
  failure: RunFailure | undefined;

  constructor(device: Device, heard: Subscription) {
    this.device = device;
    this.heard = heard;
  }

  /** Its node at work is remembered: should its process end, it is the one to name. */
  seen(event: RunEvent): RunEvent {
    if (event.type === "node")
      this.node = event.state === "running" ? event.path : this.node === event.path ? undefined : this.node;
    return event;
  }

  /** Its next process begins anew. */
  again(): void {
    this.chance = "second";
    this.hasCome = false;
    this.asks = 0;
    this.node = undefined;
    this.failure = undefined;
    this.at.length = 0;
  }
}
