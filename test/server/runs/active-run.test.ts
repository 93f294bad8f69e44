/** What is left in the folder of a run that ended, by how it ended. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { of, Subject } from "rxjs";
import { expect, test } from "vitest";
import type { FromWorker } from "../../../server/channel/messages.ts";
import { Device } from "../../../server/devices/device.ts";
import type { Lender } from "../../../server/devices/shared-run.ts";
import { hasBegun } from "../../../server/files/journal.ts";
import type { LogEvent } from "../../../server/protocol.ts";
import { ActiveRun, type ActiveRunOptions } from "../../../server/runs/active-run.ts";
import type { Worker } from "../../../server/supervisor/worker.ts";
import { temporaryFolder } from "../../support/cli.ts";

test.each([
  ["OTHER_MACHINE", true],
  ["GRAPH", false],
] as const)("batches that are done are kept where it fails as %s: %s", async (code, isKept) => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, ".guidegraph", "r"), { recursive: true });
  const done = { done: 1, spools: {}, numbers: {}, gathered: {}, saved: [] };
  writeFileSync(join(folder, ".guidegraph", "r", "journal"), `${JSON.stringify(done)}\n`);

  const messages = new Subject<FromWorker>();
  const worker = { messages, gone: new Subject(), send() {} } as unknown as Worker;
  const device = new Device("cpu", worker);
  const lender: Lender = {
    isAskedFor: () => false,
    giveBack() {},
    ask() {},
    failed() {},
    unfit() {},
    all: () => [device],
    mayCome: () => false,
  };
  const states: string[] = [];
  const options = {
    history: { job: async () => ({ graph: "{}", options: { batches: 2, watch: [] } }) },
    log: {
      append(_: string, event: LogEvent) {
        if (event.type === "run") states.push(event.state, event.failure?.code ?? "");
        return of(event);
      },
    },
    data: { outputs: () => folder },
    quarantine: { guarded: (_: string, events$: unknown) => events$ },
    changed: new Subject(),
    spoken() {},
    deadlineMs: 60_000,
  } as unknown as ActiveRunOptions;
  const run = new ActiveRun({ id: "r", by: undefined }, options);
  const over = run.work(device, lender);
  await expect.poll(() => run.shared?.devices.size).toBe(1);
  messages.next({ type: "end", run: "r", state: "failed", failure: { code, message: "no" } });
  await over;
  expect([states, await hasBegun(folder)]).toEqual([["running", "", "failed", code], isKept]);
});
