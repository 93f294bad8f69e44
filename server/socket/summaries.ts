/** The summaries of runs that change, to one client. */
import type { Services } from "../service/services.ts";
import type { Outbox } from "./outbox.ts";

/** What changed within a moment is told once; of a run that changed twice, only the last. */
const momentMs = 100;

export function sendSummaries({ history, queue }: Services, outbox: Outbox): void {
  const changed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;

  async function tell(): Promise<void> {
    const ids = [...changed];
    changed.clear();
    timer = undefined;
    for (const id of ids) {
      const summary = await history.summary(id);
      if (summary) outbox.send({ type: "summary", summary: queue.placed(summary) });
      await outbox.drained();
    }
  }

  const watching = queue.changed.subscribe((id) => {
    changed.add(id);
    timer ??= setTimeout(() => tell().catch(() => {}), momentMs);
  });
  outbox.closed.addEventListener("abort", () => {
    watching.unsubscribe();
    clearTimeout(timer);
  });
}
