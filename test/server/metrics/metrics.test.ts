import { Subject } from "rxjs";
import { expect, test } from "vitest";
import { type Measured, metricsOf } from "../../../server/metrics/metrics.ts";
import type { AskedExport } from "../../../server/runs/exporter.ts";
import type { AskedQuestion } from "../../../server/runs/planner.ts";
import type { LifecycleLogged } from "../../../server/runs/run-log.ts";
import { Traffic } from "../../../server/service/traffic.ts";

function played() {
  const [lifecycle, asked, traffic] = [new Subject<LifecycleLogged>(), new Subject<AskedQuestion>(), new Traffic()];
  const exported = new Subject<AskedExport>();
  const process = { name: "planner", pid: globalThis.process.pid, restarts: 2, waiting: 4 };
  const space: { free?: number; taken?: number } = {};
  const register = metricsOf({
    queue: { waiting: 7, running: 1 },
    log: { lifecycle },
    planner: { asked, process },
    exporter: { asked: exported },
    devices: {
      all: [
        { name: "cpu#1", run: "r", worker: { ...process, name: "sampler", pid: undefined, restarts: 0 } },
        { name: "cpu#2", out: "it ended", worker: { ...process, name: "sampler", pid: undefined, restarts: 3 } },
      ],
    },
    traffic,
    space,
    quarantine: { held: [{}] },
  } as unknown as Measured);
  /** Values by name and labels, as Prometheus reads them. */
  const scraped = async () => {
    const lines = (await register.metrics()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    return Object.fromEntries(
      lines.map((line) => {
        const [, name, value] = /^(\S+(?:\{.*\})?) (\S+)$/.exec(line) ?? [];
        return [name, Number(value)];
      }),
    );
  };
  return { lifecycle, asked, exported, traffic, space, scraped };
}

const run = (run: string, state: LifecycleLogged["state"], ms?: number): LifecycleLogged => ({
  ...{ run, seq: 1, at: "", type: "run", state },
  ...(ms !== undefined && { ms }),
});

test("runs are counted by how they end, with how long they waited and took", async () => {
  const { lifecycle, scraped } = played();
  for (const id of ["a", "b"]) lifecycle.next(run(id, "queued"));
  lifecycle.next(run("a", "running"));
  lifecycle.next(run("a", "succeeded", 2_000));
  lifecycle.next(run("b", "cancelled"));
  expect(await scraped()).toMatchObject({
    'guidegraph_runs{state="queued"}': 7,
    'guidegraph_runs{state="running"}': 1,
    guidegraph_runs_accepted_total: 2,
    'guidegraph_runs_ended_total{state="succeeded"}': 1,
    'guidegraph_runs_ended_total{state="cancelled"}': 1,
    'guidegraph_runs_ended_total{state="failed"}': 0,
    'guidegraph_run_seconds_bucket{le="1",state="succeeded"}': 0,
    'guidegraph_run_seconds_bucket{le="3",state="succeeded"}': 1,
    'guidegraph_run_seconds_sum{state="succeeded"}': 2,
    guidegraph_run_wait_seconds_count: 1,
  });
});

test("what is refused, asked, sent and held is told, twice as well as once", async () => {
  const { asked, exported, traffic, space, scraped } = played();
  traffic.refuse("unidentified");
  traffic.refuse("unidentified");
  traffic.stalled.socket++;
  asked.next({ question: "check", outcome: "time", ms: 45_000 });
  exported.next({ outcome: "written", ms: 20_000 });
  exported.next({ outcome: "busy", ms: 1 });
  await scraped();
  Object.assign(space, { free: 5, taken: 6 });
  const told = await scraped();
  expect(told).toMatchObject({
    'guidegraph_refusals_total{reason="unidentified"}': 2,
    'guidegraph_stalled_readers_closed_total{over="socket"}': 1,
    'guidegraph_planner_question_seconds_count{question="check",outcome="time"}': 1,
    guidegraph_planner_questions_waiting: 4,
    'guidegraph_export_seconds_sum{outcome="written"}': 20,
    'guidegraph_export_seconds_count{outcome="busy"}': 1,
    'guidegraph_worker_restarts_total{process="planner",device=""}': 2,
    'guidegraph_worker_restarts_total{process="sampler",device="cpu#2"}': 3,
    'guidegraph_devices{state="busy"}': 1,
    'guidegraph_devices{state="idle"}': 0,
    'guidegraph_devices{state="out"}': 1,
    guidegraph_held_models: 1,
    guidegraph_disk_free_bytes: 5,
    guidegraph_data_bytes: 6,
    nodejs_eventloop_lag_p99_seconds: expect.any(Number),
    process_resident_memory_bytes: expect.any(Number),
  });
  if (process.platform === "linux")
    expect(told['guidegraph_worker_resident_bytes{process="planner",device=""}']).toBeGreaterThan(10e6);
  expect(told).not.toHaveProperty('guidegraph_worker_resident_bytes{process="sampler",device="cpu#1"}');
});

test("the series are as many after a thousand runs as after one", async () => {
  const { lifecycle, scraped } = played();
  const one = (i: number) => {
    for (const [state, ms] of [["queued"], ["running"], ["succeeded", 5]] as const)
      lifecycle.next(run(`${i}`, state, ms));
  };
  one(0);
  const before = Object.keys(await scraped());
  for (let i = 1; i <= 1_000; i++) one(i);
  expect(Object.keys(await scraped()).filter((name) => name.startsWith("guidegraph"))).toEqual(
    before.filter((name) => name.startsWith("guidegraph")),
  );
});
