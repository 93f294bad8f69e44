/** A run of several batches, whose process or server ends: what is done is kept, the rest is done, and nothing is told twice. */
import { afterAll, expect, test } from "vitest";
import type { Logged } from "../../server/protocol.ts";
import { temporaryFolder } from "../support/cli.ts";
import { sampler } from "../support/processes.ts";
import { quick, type Reader, TestServer } from "../support/server.ts";
import { brokenPromises } from "../torture/promises.ts";

const data = temporaryFolder();
const batches = 9;
const body = { ...quick, batches };
let server = await TestServer.start({ data });
afterAll(() => server.kill("SIGKILL"));
const ids: string[] = [];

async function submit(more = {}): Promise<{ id: string; reader: Reader }> {
  const id = await server.submit({ ...body, ...more });
  ids.push(id);
  const reader = await server.connect();
  reader.send({ type: "subscribe", run: id });
  return { id, reader };
}
const batchDone = (reader: Reader, index: number) => reader.until((one) => one.type === "batch" && one.index >= index);
/** A process may end between what it has done and what it tells: a batch may go untold, but none is told twice. */
function expectBatches(events: readonly Logged[]): void {
  const told = events.flatMap((one) => (one.type === "batch" ? [one.index] : []));
  expect(told).toEqual([...new Set(told)].sort((a, b) => a - b));
  expect(told.at(-1)).toBe(batches - 1);
}
const hashesOf = async (id: string) =>
  Object.fromEntries((await server.detail(id)).outputs.map(({ name, sha256 }) => [name, sha256]));

const whole = submit().then(async ({ id }) => {
  const events = await server.eventsOf(id);
  expectBatches(events);
  return hashesOf(id);
});

test("a process that is killed twice: the next goes on behind the last batch", async () => {
  const wanted = await whole;
  const { id, reader } = await submit();
  for (const index of [1, 5]) {
    await batchDone(reader, index);
    process.kill(sampler(server.process.pid as number), "SIGKILL");
  }
  const events = await server.eventsOf(id);
  expect(events.at(-1)).toMatchObject({ state: "succeeded" });
  expectBatches(events);
  expect(await hashesOf(id)).toEqual(wanted);
});

test.each(["SIGKILL", "SIGTERM"] as const)("a server that ends by %s: so does the next server", async (signal) => {
  const wanted = await whole;
  const { id, reader } = await submit();
  await batchDone(reader, 2);
  await server.kill(signal);
  server = await TestServer.start({ data });
  const events = await server.eventsOf(id);
  expect(events.at(-1)).toMatchObject({ state: "succeeded" });
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
  const states = events.flatMap((one) => (one.type === "run" ? [one.state] : []));
  // Where it ended within its grace nothing was left to go on with.
  if (states.length > 3) expect(states).toEqual(["queued", "running", "queued", "running", "succeeded"]);
  expectBatches(events);
  expect(await hashesOf(id)).toEqual(wanted);
});

test("one that is cancelled when it waits to go on is over, and leaves nothing", async () => {
  const { id, reader } = await submit({ batches: 10 * batches });
  await batchDone(reader, 2);
  await server.cancel(id);
  expect((await server.eventsOf(id)).at(-1)).toMatchObject({ state: "cancelled" });
  await server.kill("SIGTERM");
  expect(await brokenPromises(data, ids)).toEqual([]);
});
