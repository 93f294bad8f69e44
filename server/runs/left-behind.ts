/** What an earlier server left of its runs, however it ended. */
import { rm } from "node:fs/promises";
import { removeUnfinished } from "../files/atomic.ts";
import type { DataFolder } from "../files/data-folder.ts";
import { forget, hasBegun } from "../files/journals.ts";
import type { Lifecycle } from "../protocol.ts";
import type { RunHistory } from "./history.ts";
import type { RunLog } from "./run-log.ts";

interface Left {
  readonly id: string;
  /** Whose it is. */
  readonly by: string | undefined;
}

/** The runs that wait from now on, in their order: those of which batches are done go on before those that waited. All else is interrupted. */
export async function takenUp(from: {
  readonly history: RunHistory;
  readonly log: RunLog;
  readonly data: DataFolder;
}): Promise<readonly Left[]> {
  const { history, log, data } = from;
  const [begun, others]: Left[][] = [[], []];
  for (const { id, state, seq, by } of await history.inStates(["queued", "running", "cancelling"])) {
    log.open(id, seq);
    const isBegun = state !== "cancelling" && (await hasBegun(data.outputs(id)));
    if (isBegun || state === "queued") {
      // After a power cut the disk may not know that it had begun: it begins anew.
      if (!isBegun) await rm(data.outputs(id), { recursive: true, force: true });
      if (state === "running") await log.append(id, { type: "run", state: "queued" });
      (isBegun ? begun : others).push({ id, by });
      continue;
    }
    await forget(data.outputs(id));
    await removeUnfinished(data.outputs(id));
    await log.append(id, interrupted);
  }
  return [...begun, ...others];
}

export const interrupted: Lifecycle = {
  type: "run",
  state: "interrupted",
  failure: { code: "SERVER_STOPPED", message: "The server ended while it ran. It can be run again" },
};
