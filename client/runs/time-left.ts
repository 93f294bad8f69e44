/** How long all that runs and waits will still take, as far as it can be told from what has been. */
import { lastStep, leftInRun } from "./progress.ts";
import { hasEnded, type RunView } from "./run-view.ts";

/**
 * In milliseconds; undefined where nothing like one of them has run before. `runs` are all that are known, `devices` how many
 * draw batches of one at a time.
 */
export function timeLeft(runs: readonly RunView[], devices = 1): number | undefined {
  let sum = 0;
  for (const run of runs.filter((one) => !hasEnded(one))) {
    const left = leftOf(run, runs, devices);
    if (left === undefined) return undefined;
    sum += left;
  }
  return sum;
}

function leftOf(run: RunView, runs: readonly RunView[], devices: number): number | undefined {
  const usual = usualMs(run, runs, devices);
  if (run.summary.state === "queued") return usual;
  return leftInRun(run, devices) ?? usual;
}

/** What the last run of the same document took, by batch; else what the one at work will take. */
function usualMs(
  { summary: { document, title, batches } }: RunView,
  runs: readonly RunView[],
  devices: number,
): number | undefined {
  const alike = runs.filter(({ summary }) => (summary.document ?? summary.title) === (document ?? title));
  const done = alike.find(({ summary }) => summary.state === "succeeded" && summary.ms !== undefined)?.summary;
  if (done?.ms !== undefined) return (done.ms / done.batches) * batches;
  const atWork = alike.map(lastStep).find((step) => step !== undefined);
  return atWork && atWork.of * atWork.ms * Math.ceil(batches / devices);
}
