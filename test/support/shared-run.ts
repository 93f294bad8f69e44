/** A run whose devices are played by the test, which says what their processes say. */
import { Subject } from "rxjs";
import type { RunEvent } from "../../executor/index.ts";
import type { FromWorker, Next, ToWorker } from "../../server/channel/messages.ts";
import { Device } from "../../server/devices/device.ts";
import { SharedRun, type SharedRunOptions } from "../../server/devices/shared-run.ts";
import type { Gone } from "../../server/supervisor/child.ts";
import type { Worker } from "../../server/supervisor/worker.ts";

export const killed: Gone = { code: null, signal: "SIGKILL", stderr: "" };
export const kept = { spools: {}, numbers: {}, gathered: {} };
export const running: FromWorker = { type: "event", run: "r", event: { type: "node", path: "7", state: "running" } };
export type Told = RunEvent | { type: "preview" } | Error | "complete";

/** A device whose process is played by the test. */
export function played(name: string, how = {}) {
  const [messages, gone] = [new Subject<FromWorker>(), new Subject<Gone>()];
  const sent: ToWorker[] = [];
  const worker = {
    messages,
    gone,
    state: "ready",
    send: (message: ToWorker) => sent.push(message),
    kill: () => gone.next(killed),
    close: async () => {},
  } as unknown as Worker;
  const device = new Device(name, worker, how);
  return {
    device,
    sent,
    die: (how = killed) => gone.next(how),
    says: (message: FromWorker) => messages.next(message),
    asks: (identity = "i") => messages.next({ type: "next", run: "r", canSpread: true, identity, pictures: 16 }),
    /** The answer to its last question. */
    given: (): Next | undefined => sent.flatMap((one) => (one.type === "next" ? [one.is] : [])).at(-1),
    event: (event: RunEvent) => messages.next({ type: "event", run: "r", event }),
    async done(batch: number, of: number) {
      messages.next({ type: "done", run: "r", batch, of, ms: 1, saved: [], kept });
      await tick();
    },
    end: () => messages.next({ type: "end", run: "r", state: "succeeded" }),
    types: () => sent.map(({ type }) => type),
  };
}
export const tick = () => new Promise((resolve) => setTimeout(resolve));

/** One device is lent again at once, as long as it is wanted and no other may come. */
export function shared(
  batches: number,
  names: readonly string[],
  {
    graceMs = 1_500,
    mayCome = false,
    ...given
  }: Pick<SharedRunOptions, "graceMs" | "journal" | "toldBefore"> & { mayCome?: boolean } = {},
) {
  const devices = names.map(played);
  const cancel = new AbortController();
  const told: Told[] = [];
  const unfit: string[] = [];
  let isAskedFor = false;
  const lender = {
    isAskedFor: () => isAskedFor,
    giveBack: (device: Device) => names.length === 1 && !mayCome && run.wants(device) && run.join(device),
    ask() {},
    failed: (device: Device, how: string) => {
      if (device.strike() && lender.all().length > 1) device.takeOut(how);
    },
    unfit: ({ name }: Device, why: string) => unfit.push(`${name}: ${why}`),
    all: () => devices.map(({ device }) => device).filter(({ out }) => out === undefined),
    mayCome: () => mayCome,
  };
  const task = { run: "r", graph: "{}", options: { batches, watch: [] }, folder: "" };
  const options = { lender, cancel: cancel.signal, deadlineMs: 60_000, graceMs, ...given };
  const run = new SharedRun(task, devices[0].device, options);
  run.events$.subscribe({
    next: (event) => told.push(event),
    error: (error) => told.push(error),
    complete: () => told.push("complete"),
  });
  const askFor = (is: boolean) => {
    isAskedFor = is;
  };
  return { run, devices, told, unfit, cancel, askFor };
}
