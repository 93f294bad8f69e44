import { expect, test } from "vitest";
import type { Provider } from "../../../runtime/index.ts";
import { builtModels } from "../../../server/files/built-models.ts";
import { measure } from "../../../server/measuring/measure.ts";
import { reportText, tableOf } from "../../../server/measuring/report.ts";
import { nativeProvider } from "../../../server/providers/native.ts";
import { tinyFlags } from "../../../server/providers/trial.ts";
import { withReports } from "../../bench/devices.ts";
import { guidegraph, temporaryFolder } from "../../support/cli.ts";

const cpu = { name: "cpu", provider: nativeProvider("cpu", { threads: 1 }) };
/** A card whose kernels are the processor's. */
const card = (change: Partial<Provider> = {}): { name: string; provider: Provider } => ({
  name: "webgpu",
  provider: { ...cpu.provider, name: "webgpu", flavour: "portable", fp16: true, ...change },
});
const models = builtModels(temporaryFolder());
const few = { models, sizes: [8], flags: () => tinyFlags, batches: [1, 2], eachMs: 1, say: () => {} };

test("every cell is measured beside the processor, in both precisions where there are two", async () => {
  const measured = await measure({ ...few, devices: [cpu, card({ joins: true })], budgetMs: 600_000 });
  const cells = measured.rows.map(({ device, batch, precision }) => `${device} ${batch} ${precision}`);
  expect(cells).toEqual([
    ...["cpu 1 float32", "cpu 2 float32", "webgpu 1 float32", "webgpu 2 float32"],
    ...["webgpu 1 float16", "webgpu 2 float16"],
  ]);
  for (const { unet, gradient, step, error } of measured.rows) {
    for (const ms of [unet, gradient, step]) expect(ms).toBeGreaterThan(0);
    expect(error).toBeLessThan(2e-2);
  }
  expect(measured.rows.map(({ joint }) => joint !== undefined)).toEqual([false, false, true, true, true, true]);
  expect(measured.rows[4].error).toBeGreaterThan(1e-5); // it was float16 indeed
  expect(measured.firsts.map(({ device }) => device)).toEqual(["cpu", "webgpu"]);
  expect(tableOf(measured)).toMatch(/\| webgpu \| 2 of 8×8 \| float16 \| .* \| [\d.]+× \|/);
});

test("a joint session that does not fit is not measured, nor held beside others", async () => {
  const opened: string[] = [];
  let held = 0;
  const createSession: Provider["createSession"] = async (model) => {
    const session = await cpu.provider.createSession(model);
    const isJoint = session.outputNames.length > 1;
    opened.push(isJoint ? `joint beside ${held}` : session.outputNames[0]);
    if (isJoint) {
      await session.release();
      throw new Error("there is no room for it");
    }
    held++;
    const release = session.release.bind(session);
    return Object.assign(session, {
      release: async () => {
        held--;
        await release();
      },
    });
  };
  const devices = [card({ joins: true, noHalf: "tried in one precision", createSession })];
  const { rows } = await measure({ ...few, batches: [1], devices, budgetMs: 600_000 });
  expect(rows[0].step).toBeGreaterThan(0);
  expect(rows[0].joint).toBeUndefined();
  expect(rows[0].failed).toEqual({ joint: "there is no room for it" });
  // The first answer, cold and warm, is of the UNet alone.
  expect(opened).toEqual(["out", "out", "out", "gradient", "joint beside 0"]);
  expect(held).toBe(0);
});

/** What fails, of which session and when: a graph is known by what it gives. */
test.each([
  ["joint", "runs", { failed: ["joint"], measured: ["unet", "gradient", "step"] }],
  ["joint", "is loaded", { failed: ["joint"], measured: ["unet", "gradient", "step"] }],
  ["gradient", "runs", { failed: ["gradient", "step"], measured: ["unet", "joint"] }],
  ["gradient", "is loaded", { failed: ["unet", "gradient", "step"], measured: ["joint"] }],
  ["gradient", "is closed", { failed: [], measured: ["unet", "gradient", "step", "joint"] }],
  ["out", "is closed", { failed: [], measured: ["unet", "gradient", "step", "joint"] }],
  ["joint", "is closed", { failed: [], measured: ["unet", "gradient", "step", "joint"] }],
  ["out", "runs", { failed: ["unet"], measured: [] }],
  ["out", "is loaded", { failed: ["unet"], measured: [] }],
])("where a session of %s fails when it %s the table says so and goes on", async (name, when, { failed, measured }) => {
  const createSession: Provider["createSession"] = async (model) => {
    const session = await cpu.provider.createSession(model);
    const is = session.outputNames.length > 1 ? "joint" : session.outputNames[0];
    const fail = () => Promise.reject(new Error("there is | no room\nfor it"));
    if (is === name && when === "is loaded") return session.release().then(fail);
    const release = session.release.bind(session);
    if (is === name && when === "is closed") return Object.assign(session, { release: () => release().then(fail) });
    return is === name ? Object.assign(session, { run: fail }) : session;
  };
  const broken = card({ joins: true, noHalf: "tried in one precision", createSession });
  const whole = { ...card({ noHalf: "tried in one precision" }), name: "cuda:0" };
  const said: string[] = [];
  const devices = [broken, whole];
  const all = await measure({ ...few, batches: [1], devices, budgetMs: 600_000, say: (line) => said.push(line) });
  const [row, next] = all.rows;
  expect(row.failed ?? {}).toEqual(Object.fromEntries(failed.map((timed) => [timed, "there is | no room for it"])));
  for (const timed of ["unet", "gradient", "step", "joint"] as const)
    expect([timed, row[timed] !== undefined]).toEqual([timed, measured.includes(timed)]);
  expect(next.step).toBeGreaterThan(0);
  if (failed.length === 0) return;
  expect(said[0]).toContain("failed: there is | no room for it");
  expect(tableOf(all)).toContain("| failed: there is \\| no room for it |");
});

test("what a card takes for a first call, compiling, is no measurement", async () => {
  let clock = 0;
  const createSession: Provider["createSession"] = async (model) => {
    const session = await cpu.provider.createSession(model);
    const run = session.run.bind(session);
    let calls = 0;
    return Object.assign(session, {
      run: async (feeds: Parameters<typeof run>[0]) => {
        clock += calls++ === 0 ? 4_000 : 10;
        return run(feeds);
      },
    });
  };
  const devices = [card({ joins: true, noHalf: "tried in one precision", createSession })];
  const { rows } = await measure({ ...few, batches: [1], devices, budgetMs: 600_000, now: () => clock });
  expect(rows[0]).toMatchObject({ unet: 10, gradient: 10, step: 20, joint: 10 });
});

test("a device that is no card is measured in the precision that all have", async () => {
  const devices = [card({ name: "wasm" })];
  const { rows } = await measure({ ...few, batches: [1], devices, budgetMs: 600_000 });
  expect(rows.map(({ precision }) => precision)).toEqual(["float32"]);
});

test("what there is no time for stands as not measured, in the page too", async () => {
  const measured = await measure({ ...few, devices: [cpu], budgetMs: -1 });
  expect(measured).toEqual({
    rows: [1, 2].map((batch) => ({ device: "cpu", size: 8, batch, precision: "float32" })),
    firsts: [],
  });
  const report = {
    ...measured,
    ...{
      version: "1",
      date: "2026-01-02",
      processor: "a processor",
      cards: ["cuda:0: a card"],
      refused: ["no webgpu"],
    },
  };
  expect(reportText(report)).toMatch(
    /^Measured on 2026-01-02, GuideGraph 1: a processor; cuda:0: a card\.\nno webgpu\.\n/,
  );
  const page = withReports("a <!-- measured -->old<!-- /measured --> b", [report]);
  expect(page).toContain("| cpu | 1 of 8×8 | float32 | not measured | not measured | not measured | – |");
  expect(page).not.toContain("old");
  expect(page).toContain("A card: not measured.");
  const row = { kind: "unet", size: 64, batch: 8, precision: "float16", eager: 9.25 } as const;
  const torch = { torch: "2", device: "a card", date: "2026-01-02", rows: [row, { ...row, captured: 1.5 }] };
  const beside = withReports(page, [report], [torch]);
  expect(beside).toMatch(/\| unet +\| 8 of 64×64 +\| float16 +\| 9\.3 +\| not measured +\|/);
  expect(beside).toMatch(/\| 9\.3 +\| 1\.5 +\|/);
});

test("a device whose numbers are wrong is not measured, and the others are", async () => {
  const wrong = card({
    async createSession(model) {
      const session = await cpu.provider.createSession(model);
      const run = session.run.bind(session);
      return Object.assign(session, {
        run: async (feeds: Parameters<typeof run>[0]) => {
          const answer = await run(feeds);
          for (const { data } of Object.values(answer)) (data as Float32Array)[0] += 1e3;
          return answer;
        },
      });
    },
  });
  const measured = await measure({ ...few, devices: [wrong, cpu], budgetMs: 600_000 });
  const [first] = measured.rows;
  expect(first).toMatchObject({ device: "webgpu", failed: { unet: "its numbers are wrong" } });
  expect(first.error).toBeGreaterThan(0.05);
  expect(first.unet).toBeUndefined();
  expect(tableOf(measured)).toMatch(/\| failed: its numbers are wrong \|/);
  // The others are.
  expect(measured.rows.filter(({ step }) => step !== undefined).map(({ device }) => device)).toEqual(["cpu", "cpu"]);
});

test.each([
  ["--sizes 20", /--sizes takes numbers up to 512, multiples of 16/],
  ["--batches none", /--batches takes numbers up to 256/],
  ["--devices cuda:0", /Backend cuda does not start/],
])("measure %s is refused", async (typed, said) => {
  const { code, err } = await guidegraph(["measure", ...typed.split(" ")]);
  expect(code).toBeGreaterThan(0);
  expect(err.join("\n")).toMatch(said);
});
