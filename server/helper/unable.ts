/** Why a shard was not drawn: by the run's own fault, or as this machine lacks what another may have. */
import { RunStopped } from "../devices/run-stopped.ts";
import { isDiskFull } from "../files/disk-full.ts";
import type { RunFailure } from "../protocol.ts";

/** This machine lacks what the shard is drawn from. */
export class Unable extends Error {}
export const unable = (error: unknown): never => {
  throw new Unable(error instanceof Error ? error.message : String(error), { cause: error });
};

/** So it does where its disk is full, or may not be written: the result is the biggest file of all. */
export const onThisDisk = (error: unknown): never => {
  if (isDiskFull(error) || (error instanceof Error && "syscall" in error)) unable(error);
  throw error;
};

/** What another machine may well draw: the run does not fail for it. */
export const isOfMachine = ({ code }: RunFailure): boolean => code === "OTHER_MACHINE" || code === "DISK_FULL";

/** In one line. A full disk is told as the server's, where a run fails for it. */
export function whyNot(error: unknown): string {
  const isFull =
    isDiskFull(error) ||
    (error instanceof Unable && isDiskFull(error.cause)) ||
    (error instanceof RunStopped && error.failure?.code === "DISK_FULL");
  if (isFull) return "The disk of this worker is full: free some space there";
  const [first, ...more] = (error instanceof Error ? error.message : String(error)).split("\n");
  return more.length === 0 ? first : `${first} (and ${more.length} more)`;
}
