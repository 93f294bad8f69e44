/** Runs on several devices: the files are those of one, whatever becomes of a device, and who does what is told. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { documentBuilder, writeDocument } from "../../graphs/document/index.ts";
import { registryWith } from "../../server/engine/own-nodes.ts";
import { packageRoot } from "../../server/files/package-root.ts";
import type { Health, Logged } from "../../server/protocol.ts";
import { childrenOf } from "../support/processes.ts";
import { quick, spawnServer, TestServer, tiny } from "../support/server.ts";

const slow = join(packageRoot, "test", "fixtures", "nodes", "slow.mjs");
const registry = await registryWith([slow]);

/** Noise as pictures, three a batch, with labels: no model, and a while for each batch. */
function noise(
  options: { readonly generator?: string; readonly dies_on?: string; readonly loses?: string } = {},
): object {
  const { generator = "philox", ...how } = options;
  const b = documentBuilder(registry, { title: "Noise" });
  const labels = b.add("guidegraph/class-labels", { num_classes: 10, count: 3 }).out("labels");
  const schedule = b.add("guidegraph/diffusion-schedule", { timestep_respacing: "5" }).out("schedule");
  const x = b.add("guidegraph/gaussian-noise", { schedule, batch: 3, height: 16, generator }).out("x_T");
  const decoded = b.add("guidegraph/decode-image", { x }).out("image");
  const images = b.add("guidegraph/slow-pictures", { images: decoded, ...how }).out("images");
  b.add("guidegraph/save-npz", { images, labels, num_samples: 58 });
  b.add("guidegraph/save-png", { images, name: "noise" });
  return writeDocument(b.document());
}
const batches = 20;

const servers: Promise<TestServer>[] = [];
afterAll(async () => Promise.all(servers.map(async (server) => (await server).kill("SIGKILL"))));
function start(...args: string[]): Promise<TestServer> {
  const server = TestServer.start({ args: ["--nodes", slow, ...args], withoutBackend: args.length > 0 });
  servers.push(server);
  return server;
}
const [one, two, four] = [start(), start("--devices", "cpu*2"), start("--devices", "cpu*4")];

/** Submits, and gives what it saved when it is over: each batch was told once, in order, and no number is missing. */
async function ran(server: TestServer, body: object): Promise<Record<string, string>> {
  return end(server, await server.submit(body));
}
async function end(server: TestServer, id: string): Promise<Record<string, string>> {
  const events = await server.eventsOf(id);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
  expect(events.at(-1)).toMatchObject({ type: "run", state: "succeeded" });
  const { batches } = await server.detail(id);
  const told = events.flatMap((event) => (event.type === "batch" ? [event.index] : []));
  expect(told).toEqual(batches > 1 ? [...Array(batches).keys()] : []);
  return savedIn(events);
}
const savedIn = (events: readonly Logged[]): Record<string, string> =>
  Object.fromEntries(events.flatMap((event) => (event.type === "output" ? [[event.name, event.sha256]] : [])));
const health = (server: TestServer) => server.json<Health>("/api/health");
/** The process of a device; its name is in the list of processes. */
const processOf = (server: TestServer, name: string): number => {
  const ids = childrenOf(server.process.pid as number);
  const found = ids.find((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").includes(name));
  if (found === undefined) throw new Error(`There is no process of ${name}`);
  return found;
};
const wanted = one.then((server) => ran(server, { graph: noise(), batches }));

test("on one device, two and four the files are the same", async () => {
  const files = await wanted;
  expect(Object.keys(files)).toHaveLength(3 * batches + 1);
  expect(Object.keys(files)).toContain("samples_58x16x16x3.npz");
  for (const server of [two, four]) expect(await ran(await server, { graph: noise(), batches })).toEqual(files);
});

test("torch's sequence is one as well, whoever draws which batch of it", async () => {
  const torch = { graph: noise({ generator: "torch" }), batches };
  const files = await ran(await one, torch);
  expect(files).not.toEqual(await wanted);
  expect(await ran(await four, torch)).toEqual(files);
});

test("why one device draws all batches of a run is said", async () => {
  const server = await two;
  const b = documentBuilder(registry, { title: "Of a size that a wire says" });
  const count = b.add("guidegraph/number", { value: 2 }).out("number");
  const labels = b.add("guidegraph/class-labels", { num_classes: 10, count }).out("labels");
  const x = b.add("guidegraph/gaussian-noise", { labels, height: 8 }).out("x_T");
  b.add("guidegraph/save-npz", { images: b.add("guidegraph/decode-image", { x }).out("image") });
  const id = await server.submit({ graph: writeDocument(b.document()), batches: 2 });
  expect((await server.eventsOf(id)).at(-1)).toMatchObject({ state: "succeeded" });
  const said = `One of 2 devices draws all batches of run ${id}, since how many pictures a batch saves is not known`;
  await expect.poll(() => server.log).toContainEqual(expect.stringContaining(said));
});

test("a network draws the same beside another", async () => {
  const body = { ...quick, batches: 3 };
  expect(await ran(await two, body)).toEqual(await ran(await one, body));
});

test("a device whose process is killed at a batch loses that one alone", async () => {
  const server = await four;
  const id = await server.submit({ graph: noise(), batches });
  const reader = await server.connect();
  reader.send({ type: "subscribe", run: id });
  await reader.until((event) => event.type === "batch" && event.index >= 4);
  process.kill(processOf(server, "cpu#2"), "SIGKILL");
  expect(await end(server, id)).toEqual(await wanted);
  expect((await health(server)).reasons).toEqual([]);
  reader.close();
});

test("all draw a long run, one of them leaves it to who waits, and both are cancelled", async () => {
  const server = await four;
  const long = await server.submit({ graph: noise(), batches: 5_000 });
  const atWork = async () =>
    (await health(server)).devices.filter(({ run, batch }) => run === long && batch !== undefined);
  await expect.poll(atWork).toHaveLength(4);
  expect(new Set((await atWork()).map(({ batch }) => batch)).size).toBe(4);
  expect(Object.keys(await ran(server, tiny))).toHaveLength(1);
  await expect.poll(atWork).toHaveLength(4);
  await server.cancel(long);
  expect((await server.eventsOf(long)).at(-1)).toMatchObject({ state: "cancelled" });
  await expect
    .poll(async () => (await health(server)).devices.map(({ state }) => state))
    .toEqual(Array(4).fill("ready"));
});

test.each([{ dies_on: "cpu#2" }, { loses: "cpu#3" }])(
  "a device that fails always (%o) is taken out, and told",
  async (how) => {
    const server = await four;
    const [name] = Object.values(how);
    const id = await server.submit({ graph: noise(how), batches: 9_000 });
    // Its processes are given pauses.
    const out = expect.objectContaining({ name, state: "out" });
    await expect.poll(async () => (await health(server)).devices).toContainEqual(out);
    await server.cancel(id);
    const told = (await server.eventsOf(id)).flatMap((event) => (event.type === "batch" ? [event.index] : []));
    expect(told).toEqual([...told.keys()]);
    expect(told.length).toBeGreaterThan(0);
    const { status, devices, reasons } = await health(server);
    expect(status).toBe("degraded");
    expect(devices.find((device) => device.name === name)).toMatchObject({ state: "out" });
    expect(reasons).toContainEqual(expect.stringContaining(`Device ${name} is not used until the next start: `));
    expect(server.log).toContainEqual(expect.stringContaining(`Device ${name} is taken out until the next start`));
    const metrics = await (await server.request("/metrics")).text();
    expect(metrics).toMatch(/guidegraph_devices\{state="out"\} [12]/);
  },
);

test("what several processes take is said before, and a device that does not start ends the start", async () => {
  expect((await two).log).toContainEqual(
    expect.stringMatching(
      /Devices cpu#1, cpu#2: a process each, with its own copy of the networks, .* of memory at most/,
    ),
  );
  await expect(spawnServer(["--devices", "cuda:0"], {}, [], []).line).rejects.toThrow(/Backend cuda does not start: /);
});
