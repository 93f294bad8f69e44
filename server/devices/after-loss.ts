/**
 * What becomes of a run where the process of one of its devices ended. What it was at, another device or its next process does;
 * but what ends two of them, or the only one before it has done a batch, is the run's fault.
 */
import type { RunFailure } from "../protocol.ts";
import type { Gone } from "../supervisor/child.ts";
import type { Device } from "./device.ts";
import type { Fitness } from "./fitness.ts";
import type { Lender } from "./lender.ts";
import type { Part } from "./part.ts";
import type { Share } from "./share.ts";
import { whyGone } from "./why-gone.ts";

export interface Loss {
  readonly failure: RunFailure;
  /** The run fails; or the device leaves it; or its next process is at it. */
  readonly next: "fail" | "leave" | "again";
}

interface LossOptions {
  readonly share: Share<Device>;
  readonly fitness: Fitness;
  readonly lender: Lender;
}

/** Gives back what it was at, and tells the lender whose fault it was. */
export function afterLoss(part: Part, how: Gone, { share, fitness, lender }: LossOptions): Loss {
  const { device, chance, hasCome } = part;
  const failure = whyLost(part, how);
  const items = share.giveBack(device, chance === "taken");
  const failed = share.failedWith(items);
  // Where two failed at the same it was not theirs.
  const isItself = failed.size > 1;
  if (!isItself) lender.failed(device, failure.message);
  else for (const one of failed) if (one !== device) one.forgive();
  const mayOthers = !isItself && fitness.mayOthers(new Set([...failed, device]));
  const isNoFault = hasCome || mayOthers || fitness.isFirstLoss(failure, items[0]);
  const mayGoOn = chance === "first" || (!isItself && isNoFault);
  if (!mayGoOn || lender.all().length === 0) return { failure, next: "fail" };
  const leaves = device.out !== undefined || (mayOthers && !share.has(device));
  return { failure, next: leaves ? "leave" : "again" };
}

function whyLost({ device: { worker }, failure, node }: Part, how: Gone): RunFailure {
  const { unusable } = worker;
  // No process can start on it.
  if (unusable !== undefined) return { code: "DEVICE_LOST", message: `The device cannot be used: ${unusable}` };
  return failure ?? how.failure ?? whyGone(how, node);
}
