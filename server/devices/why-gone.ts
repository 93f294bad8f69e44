/** Why a run failed whose process ended, in words for a person. */
import type { RunFailure } from "../protocol.ts";
import { type Gone, isOutOfMemory, memoryLimitMet } from "../supervisor/child.ts";
import { sizeText } from "../units.ts";

/** The node that ran is named: most crashes are its model's. */
export function whyGone(gone: Gone, node: string | undefined): RunFailure {
  const { code, signal, fault, error } = gone;
  const where = { ...(node !== undefined && { node }), ...(signal && { signal }) };
  if (fault)
    return { code: "PROTOCOL", message: `The process it ran in ${faults[fault]}, and was ended. ${hint}`, ...where };
  if (isOutOfMemory(gone)) {
    const limit = memoryLimitMet(gone);
    const what =
      limit === undefined ? "was out of memory" : `held more than ${sizeText(limit)}, the limit of this server`;
    const raised = limit === undefined ? "" : ", or raise it (--sampler-memory)";
    return {
      code: "OUT_OF_MEMORY",
      message: `The process it ran in ${what}: use smaller or fewer pictures in a batch${raised}`,
      ...where,
    };
  }
  const how = signal ? `was ended by ${signal}` : `ended with status ${code}`;
  const why = error ? `: ${error}` : signal === "SIGKILL" ? memory : "";
  return { code: "WORKER_CRASHED", message: `The process it ran in ${how}${why}. ${hint}`, ...where };
}

const faults = { garbage: "sent what is no message", silence: "no longer answered" } as const;
const memory = " (when memory is short, the system ends the largest process)";
const hint = "It can be run again";
