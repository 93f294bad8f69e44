/**
 * What the server counts and measures, in the form that Prometheus reads. No label takes a value that somebody outside
 * chooses: each is one of a list that is in the code or on the server's command line, so a series for each of them is all there can be.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { endStates } from "../protocol.ts";
import type { Services } from "../service/services.ts";
import { residentBytes } from "../supervisor/resident.ts";
import { runTimes } from "./run-times.ts";

/** From noise as a picture to a night on a processor. */
const runSeconds = [0.1, 0.3, 1, 3, 10, 30, 60, 180, 600, 1_800, 3_600, 10_800, 36_000, 86_400];
/** A look at a known model takes a millisecond, one at gigabytes of a new one minutes. */
const lookSeconds = [0.001, 0.01, 0.1, 1, 10, 60, 300];

export type Measured = Pick<
  Services,
  "queue" | "log" | "planner" | "exporter" | "devices" | "traffic" | "space" | "quarantine"
>;

/** Bound to one server: two in a process count for themselves. */
export function metricsOf(services: Measured): Registry {
  const { queue, log, planner, exporter, devices, traffic, space, quarantine } = services;
  const register = new Registry();
  const registers = [register];
  collectDefaultMetrics({ register });

  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[], collect: Collect<L>) =>
    new Gauge<L>({
      name: `guidegraph_${name}`,
      help,
      labelNames: [...labelNames],
      registers,
      async collect() {
        this.reset();
        await collect(this);
      },
    });
  /** Counted elsewhere: it is told as it stands. */
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[], collect: Collect<L>) =>
    new Counter<L>({
      name: `guidegraph_${name}_total`,
      help,
      labelNames: [...labelNames],
      registers,
      async collect() {
        this.reset();
        await collect({ set: (labels, value) => this.inc(labels, value) });
      },
    });

  gauge("runs", "Runs that have not ended.", ["state"], (runs) => {
    runs.set({ state: "queued" }, queue.waiting);
    runs.set({ state: "running" }, queue.running);
  });
  const accepted = new Counter({ name: "guidegraph_runs_accepted_total", help: "Runs accepted.", registers });
  const ended = new Counter({
    name: "guidegraph_runs_ended_total",
    help: "Runs that have ended, by how.",
    labelNames: ["state"],
    registers,
  });
  for (const state of endStates) ended.inc({ state }, 0);
  const took = histogram("run_seconds", "Seconds from the begin to the end of a run.", runSeconds);
  const waited = histogram("run_wait_seconds", "Seconds that a run waited until it began.", runSeconds);
  log.lifecycle.subscribe(({ state }) => {
    if (state === "queued") accepted.inc();
    else if (endStates.has(state)) ended.inc({ state });
  });
  runTimes(log.lifecycle).subscribe(({ waitedMs, ms, state }) => {
    if (waitedMs !== undefined) waited.observe(waitedMs / 1_000);
    if (ms !== undefined) took.observe({ state }, ms / 1_000);
  });

  counter("refusals", "Requests that were not granted, by why.", ["reason"], (refusals) => {
    for (const [reason, count] of traffic.refused) refusals.set({ reason }, count);
  });
  const asked = new Histogram({
    name: "guidegraph_planner_question_seconds",
    help: "Seconds that a question to the planner took, by what became of it: time: it was not answered in time.",
    labelNames: ["question", "outcome"],
    buckets: lookSeconds,
    registers,
  });
  planner.asked.subscribe(({ question, outcome, ms }) => asked.observe({ question, outcome }, ms / 1_000));
  const exported = new Histogram({
    name: "guidegraph_export_seconds",
    help: "Seconds that an export took, by what became of it; busy: another was under way, left: nobody waited for it.",
    labelNames: ["outcome"],
    buckets: lookSeconds,
    registers,
  });
  exporter.asked.subscribe(({ outcome, ms }) => exported.observe({ outcome }, ms / 1_000));
  gauge("planner_questions_waiting", "Questions that wait for the planner.", [], (waiting) =>
    waiting.set({}, planner.process.waiting),
  );

  gauge("readers", "Connected readers of events.", [], (readers) => readers.set({}, traffic.connections("socket")));
  gauge("connections", "Connections over which requests come.", [], (all) => all.set({}, traffic.connections("http")));
  counter("sent_bytes", "Bytes that left.", ["over"], (sent) => {
    for (const over of ["http", "socket"] as const) sent.set({ over }, traffic.sent[over]);
  });
  counter("stalled_readers_closed", "Connections closed because nothing was taken over them.", ["over"], (closed) => {
    for (const over of ["http", "socket"] as const) closed.set({ over }, traffic.stalled[over]);
  });

  const processes = [
    { name: planner.process.name, device: "", worker: planner.process },
    ...devices.all.map(({ name, worker }) => ({ name: worker.name, device: name, worker })),
  ];
  const ofProcess = ["process", "device"] as const;
  gauge("worker_resident_bytes", "Memory that a process of the server holds (on Linux).", ofProcess, async (held) => {
    for (const { name, device, worker } of processes) {
      const bytes = worker.pid === undefined ? undefined : await residentBytes(worker.pid);
      if (bytes !== undefined) held.set({ process: name, device }, bytes);
    }
  });
  counter("worker_restarts", "How often another took the place of a process that ended.", ofProcess, (restarts) => {
    for (const { name, device, worker } of processes) restarts.set({ process: name, device }, worker.restarts);
  });
  gauge(
    "devices",
    "Devices that run graphs, by what they do; out: not used until the next start.",
    ["state"],
    (told) => {
      const { all } = devices;
      const out = all.filter((device) => device.out !== undefined).length;
      const busy = all.filter(({ run }) => run !== undefined).length;
      told.set({ state: "busy" }, busy);
      told.set({ state: "idle" }, all.length - out - busy);
      told.set({ state: "out" }, out);
    },
  );

  gauge("data_bytes", "Bytes of all files in the data folder, some minutes old.", [], (taken) =>
    known(taken, space.taken),
  );
  gauge("disk_free_bytes", "Bytes that are free on the disk of the data folder.", [], (free) =>
    known(free, space.free),
  );
  gauge("held_models", "Models and files that ended processes, and are not looked at or run.", [], (held) =>
    held.set({}, quarantine.held.length),
  );
  return register;

  function histogram(name: string, help: string, buckets: number[]): Histogram<"state"> {
    const labelNames = name === "run_seconds" ? (["state"] as const) : [];
    return new Histogram({ name: `guidegraph_${name}`, help, labelNames: [...labelNames], buckets, registers });
  }
}

interface Settable<L extends string> {
  set(labels: Partial<Record<L, string>>, value: number): void;
}
type Collect<L extends string> = (metric: Settable<L>) => void | Promise<void>;

/** What is not known yet is no number. */
const known = (metric: Settable<never>, value: number | undefined): void => metric.set({}, value ?? Number.NaN);
