import type { RunFailure, RunState } from "../protocol.ts";

/** How a run ended that did not succeed. */
export class RunStopped extends Error {
  override readonly name = "RunStopped";
  constructor(
    readonly state: RunState,
    readonly failure?: RunFailure,
  ) {
    super(failure?.message ?? state);
  }
}
