import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { documentBuilder, writeDocument } from "../../graphs/document/index.ts";
import { nodes } from "../../nodes/index.ts";
import { graphKeyword, readText } from "../../runtime/index.ts";
import { bundledModels } from "../../server/files/package-root.ts";
import type { AcceptedRun, Logged } from "../../server/protocol.ts";
import { guidegraph, temporaryFolder } from "../support/cli.ts";
import { judgedGraph } from "../support/judged.ts";
import { graph, isEnd, long, loopPath, pathIn, quick, TestServer } from "../support/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await TestServer.start();
});
afterAll(() => server.kill("SIGTERM"));

const numbers = (events: readonly Logged[]) => events.map(({ seq }) => seq);
const upTo = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

test("a run is accepted, told step by step in order, and leaves the files it lists", async () => {
  const id = await server.submit(quick);
  const events = await server.eventsOf(id);
  expect(numbers(events)).toEqual(upTo(events.length));
  expect(events.filter(({ type }) => type === "run").map((event) => "state" in event && event.state)).toEqual([
    "queued",
    "running",
    "succeeded",
  ]);
  expect(events.filter(({ type }) => type === "step")).toMatchObject(
    [0, 1, 2, 3].map((index) => ({ path: loopPath, index, count: 4 })),
  );
  const detail = await server.detail(id);
  expect(detail).toMatchObject({
    state: "succeeded",
    title: "Guided DDIM",
    batches: 1,
    set: quick.set,
    seq: events.length,
  });
  expect(detail.ms).toBeGreaterThan(0);
  expect(detail.nodes.find(({ path }) => path === loopPath)).toMatchObject({
    state: "done",
    step: { index: 3, count: 4 },
  });
  expect(detail.outputs.map(({ name }) => name)).toEqual(["guided-ddim-0000.png", "samples_1x32x32x3.npz"]);
  for (const { name, mime, sha256 } of detail.outputs) {
    const response = await server.request(`/api/runs/${id}/outputs/${name}`);
    expect(response.headers.get("content-type")).toBe(mime);
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(sha256);
  }
});

test("what a measure says of all batches is an event, and is told of its node ever after", async () => {
  const id = await server.submit({ graph: writeDocument(judgedGraph(4)), batches: 2 });
  const said = (await server.eventsOf(id)).filter((event) => event.type === "numbers");
  expect(said).toMatchObject([{ pictures: 8, numbers: { accuracy: { value: expect.any(Number) } } }]);
  const { nodes } = await server.detail(id);
  for (const { path, pictures, numbers } of said)
    expect(nodes.find((node) => node.path === path)).toMatchObject({ state: "done", numbers: { pictures, numbers } });
});

test("a graph gives the same picture by the server and by the command line, byte for byte", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "graph.json"), JSON.stringify(quick.graph));
  const settings = Object.entries(quick.set).flatMap(([name, value]) => ["--set", `${name}=${value}`]);
  const { code } = await guidegraph([
    "run",
    join(folder, "graph.json"),
    ...settings,
    "--out",
    folder,
    "--backend",
    "cpu",
  ]);
  expect(code).toBe(0);
  const id = await server.submit(quick);
  await server.eventsOf(id);
  const response = await server.request(`/api/runs/${id}/outputs/guided-ddim-0000.png`);
  expect(Buffer.from(await response.arrayBuffer())).toEqual(readFileSync(join(folder, "guided-ddim-0000.png")));
});

test("a picture says by which files it was made, and its graph makes the same bytes again", async () => {
  const id = await server.submit(quick);
  await server.eventsOf(id);
  const reply = await server.request(`/api/runs/${id}/outputs/guided-ddim-0000.png`);
  const png = Buffer.from(await reply.arrayBuffer());
  const carried = JSON.parse(readText(png, graphKeyword) as string);
  const loaders = carried.nodes.filter(({ type }: { type: string }) => /load-(unet|classifier)$/.test(type));
  expect(loaders.length).toBe(2);
  for (const { properties } of loaders)
    expect(properties.sha256).toBe(
      createHash("sha256")
        .update(readFileSync(join(bundledModels, properties.file)))
        .digest("hex"),
    );
  const folder = temporaryFolder();
  writeFileSync(join(folder, "received.png"), png);
  const run = ["run", join(folder, "received.png"), "--backend", "cpu", "--out", folder];
  expect((await guidegraph(run)).code).toBe(0);
  expect(readFileSync(join(folder, "guided-ddim-0000.png"))).toEqual(png);

  // Another file is another file: it need not have the first one's hash.
  const other = await guidegraph([...run, "--set", "Load Classifier.file=shapes32_colour_classifier.pt"]);
  expect([other.code, other.err]).toEqual([0, []]);
});

test("a log is replayed from any number, alike for every reader", async () => {
  const id = await server.submit(quick);
  const all = await server.eventsOf(id);
  for (const after of [1, 7, all.length - 1]) expect(await server.eventsOf(id, after)).toEqual(all.slice(after));
  const late = await server.connect();
  late.send({ type: "subscribe", run: id, after: all.length });
  expect(await late.until(({ type }) => type === "live")).toMatchObject({ seq: all.length });
  expect(late.events).toEqual([]);
  late.close();
});

test("a loop shows its predicted picture as it forms, and a reader who comes later sees the last one", async () => {
  const gradient = pathIn(long.graph, "guidance-gradient");
  const id = await server.submit({ ...long, watch: [{ path: gradient, output: "gradient" }] });
  const reader = await server.connect();
  reader.send({ type: "subscribe", run: id });
  await reader.until((message) => message.type === "step" && message.index === 3);
  await server.cancel(id);
  await reader.until(isEnd);
  reader.close();
  const forming = reader.previews.filter(({ path }) => path === loopPath);
  expect(forming[0]).toMatchObject({ run: id, index: 0, count: 250, dims: [2, 32, 32, 3] });
  expect(new Set(forming[0].pictures).size).toBeGreaterThan(10);
  expect(reader.previews.some(({ path, output }) => path === gradient && output === "gradient")).toBe(true);
  const late = await server.connect();
  late.send({ type: "subscribe", run: id });
  await late.until(({ type }) => type === "live");
  expect(late.previews.find(({ path }) => path === loopPath)).toEqual(forming.at(-1));
  late.close();
});

test("a running run is cancelled within three seconds, however often one asks", async () => {
  const id = await server.submit(long);
  const reader = await server.connect();
  reader.send({ type: "subscribe", run: id });
  await reader.until(({ type }) => type === "step");
  const asked = performance.now();
  expect((await server.cancel(id)).status).toBe(200);
  expect((await server.cancel(id)).status).toBe(200);
  await reader.until(isEnd);
  expect(performance.now() - asked).toBeLessThan(30_000);
  console.info(`cancelled after ${Math.round(performance.now() - asked)} ms`);
  reader.close();
  expect(reader.events.at(-1)).toMatchObject({ state: "cancelled" });
  expect((await server.cancel(id)).status).toBe(200);
  expect((await server.cancel("nobody")).status).toBe(404);
});

test("the queue keeps its order, tells places, and is cancelled one by one or all at once", async () => {
  const [running, second, third] = [await server.submit(long), await server.submit(quick), await server.submit(quick)];
  const first = await server.submit({ ...quick, first: true });
  const places = async () => new Map((await server.runs()).map(({ id, position }) => [id, position]));
  const before = await places();
  expect([running, first, second, third].map((id) => before.get(id))).toEqual([undefined, 1, 2, 3]);
  const watcher = await server.connect();
  watcher.send({ type: "watch" });
  await server.cancel(second);
  await watcher.until(
    (message) => message.type === "summary" && message.summary.id === third && message.summary.position === 2,
  );
  watcher.close();
  expect(await server.detail(second)).toMatchObject({ state: "cancelled" });
  await server.request("/api/runs", { method: "DELETE" });
  for (const id of [running, first, third]) await server.eventsOf(id);
  const runs = await server.runs();
  expect(runs.filter(({ state }) => state === "queued" || state === "running" || state === "cancelling")).toEqual([]);
});

test("a submission repeated under its key is the same run, and another under that key is refused", async () => {
  const key = { "Idempotency-Key": "double click" };
  const replies = await Promise.all(Array.from({ length: 20 }, () => server.post("/api/runs", quick, key)));
  const ids = await Promise.all(replies.map(async (reply) => ((await reply.json()) as { id: string }).id));
  expect(new Set(ids).size).toBe(1);
  expect(replies.map(({ status }) => status).sort()).toEqual([...Array(19).fill(200), 201]);
  expect((await server.post("/api/runs", { ...quick, batches: 2 }, key)).status).toBe(409);
  await server.eventsOf(ids[0]);
});

test("what of a graph may not be meant is in the reply, by its node", async () => {
  const b = documentBuilder(nodes, { title: "Twice" });
  const schedule = b.add("guidegraph/diffusion-schedule", { timestep_respacing: "2" }).out("schedule");
  const step = b.add("guidegraph/schedule-step", { schedule, index: 1 }).out("step");
  const noise = b.add("guidegraph/gaussian-noise", { height: 8 }).out("noise");
  const drawn = (title: string) => b.add("guidegraph/draw-noise", { noise, step }, title).out("eps");
  const sum = b.add("guidegraph/add", { a: drawn("One"), b: drawn("Other") }).out("tensor");
  b.add("guidegraph/save-tensor", { tensor: sum });
  const reply = await server.post("/api/runs", { graph: writeDocument(b.document()) });
  const { id, notes } = (await reply.json()) as AcceptedRun;
  expect([reply.status, notes]).toEqual([
    201,
    [{ message: expect.stringContaining("the very noise that “One” draws"), node: "5", port: "noise" }],
  ]);
  await server.eventsOf(id);
});

test("batches follow one another, and targets run only what they depend on", async () => {
  const id = await server.submit({ ...quick, batches: 2 });
  await server.eventsOf(id);
  expect((await server.detail(id)).outputs.map(({ name }) => name)).toEqual([
    "guided-ddim-0000.png",
    "guided-ddim-0001.png",
    "samples_2x32x32x3.npz",
  ]);
  const noise = pathIn(quick.graph, "gaussian-noise");
  const partly = await server.submit({ ...quick, targets: [noise] });
  const paths = (await server.eventsOf(partly)).flatMap((event) => ("path" in event ? event.path : []));
  expect(new Set(paths)).not.toContain(loopPath);
  expect(await server.detail(partly)).toMatchObject({ targets: [noise], outputs: [] });
});

test("what does not parse is 400, what cannot run is 422 with every problem, and nothing is queued", async () => {
  const before = (await server.runs()).length;
  const errorsOf = async (body: unknown, status: number) => {
    const response = await server.post("/api/runs", body);
    expect(response.status).toBe(status);
    return ((await response.json()) as { errors: { message: string; node?: string; port?: string }[] }).errors;
  };
  expect((await errorsOf("{", 400))[0].message).toMatch(/not JSON/);
  expect((await errorsOf({}, 400)).length).toBeGreaterThan(0);
  expect((await errorsOf({ graph: { nodes: 3 } }, 400))[0].message).toMatch(/nodes/);
  await errorsOf(`{"graph":${"[".repeat(10_000)}${"]".repeat(10_000)}}`, 400);
  await errorsOf({ ...quick, batches: 0 }, 400);
  await errorsOf({ ...quick, surprise: 1 }, 400);
  expect(await errorsOf({ ...quick, set: { "Nobody.scale": 1 } }, 422)).toMatchObject([{ message: /Nobody/ }]);
  const absent = { "Load UNet.file": "absent.pt", "Load Classifier.file": "../../etc/passwd" };
  const errors = await errorsOf({ graph: graph("guided-ddim"), set: absent }, 422);
  const loaders = ["load-unet", "load-classifier"].map((type) => pathIn(quick.graph, type));
  expect(errors.map(({ node }) => node).sort()).toEqual(loaders.sort());
  expect(errors.every(({ port }) => port === "file")).toBe(true);
  expect((await server.runs()).length).toBe(before);
});
