/** Flags that say how long runs are kept. */
import type { Flags, Given } from "../flags/grammar.ts";
import type { Rules } from "../keeping/retention.ts";

export const keepingFlags = {
  "keep-runs": { type: "integer", min: 1, help: "how many runs that ended are kept, the last ones (all)" },
  "keep-days": { type: "number", min: 0.01, max: 36_500, help: "for how many days they are kept (for ever)" },
  "max-disk": { type: "size", min: "64MiB", help: "what runs, trash and history may weigh; the oldest go (no limit)" },
} satisfies Flags;

const dayMs = 86_400_000;

export const rulesOf = (given: Given<typeof keepingFlags>): Rules => ({
  keepRuns: given["keep-runs"],
  keepMs: given["keep-days"] === undefined ? undefined : given["keep-days"] * dayMs,
  maxBytes: given["max-disk"],
});
