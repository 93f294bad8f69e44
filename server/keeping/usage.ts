/** What everything in a data folder weighs, and the models that were built beside it. */
import { join } from "node:path";
import type { DataFolder } from "../files/data-folder.ts";
import { weigh } from "../files/slowly.ts";
import type { Usage } from "../protocol.ts";
import type { KeptRuns } from "./kept-runs.ts";
import type { Retention } from "./retention.ts";

/** Folders are walked through once for all who ask within this time. */
const freshMs = 5_000;

export interface UsageOptions {
  readonly kept: KeptRuns;
  readonly retention: Retention;
  readonly data: DataFolder;
  /** Where built models are kept. */
  readonly cache: string;
}

export function usageOf({ kept, retention, data, cache }: UsageOptions): () => Promise<Usage> {
  let asked: Promise<Usage> | undefined;
  const look = async (): Promise<Usage> => {
    const trashed = await kept.trashed();
    const trash = { count: trashed.length, bytes: trashed.reduce((sum, { bytes = 0 }) => sum + bytes, 0) };
    const all = await kept.total();
    const { keepRuns, keepMs, maxBytes } = retention.rules;
    return {
      runs: { count: all.count - trash.count, bytes: all.bytes - trash.bytes },
      trash,
      history: await kept.historyBytes(),
      backups: await weigh(join(data.path, "backups")),
      models: await weigh(data.models),
      images: await weigh(data.images),
      builtModels: await weigh(join(cache, "models")),
      rules: {
        ...(keepRuns !== undefined && { keepRuns }),
        ...(keepMs !== undefined && { keepMs }),
        ...(maxBytes !== undefined && { maxBytes }),
      },
      ...(retention.beyond > 0 && { beyond: retention.beyond }),
      ...(retention.last && { lastSweep: retention.last }),
    };
  };
  return () => {
    if (!asked) {
      asked = look();
      const over = () => setTimeout(() => (asked = undefined), freshMs).unref();
      asked.then(over, over);
    }
    return asked;
  };
}
