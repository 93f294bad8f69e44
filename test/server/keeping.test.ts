import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunSummary, TrashedRun, Usage } from "../../server/protocol.ts";
import { guidegraph, temporaryFolder } from "../support/cli.ts";
import { long, TestServer, tiny } from "../support/server.ts";
import { brokenPromises } from "../torture/promises.ts";

let server: TestServer;
beforeAll(async () => {
  server = await TestServer.start({ args: ["--keep-runs", "100", "--max-disk", "1GiB"] });
});
afterAll(() => server.kill("SIGTERM"));

const ask = (method: string, path: string) => server.request(path, { method });

/** A run of one small picture that has ended and was weighed. */
async function done(): Promise<RunSummary> {
  const id = await server.submit(tiny);
  for (;;) {
    const run = await server.detail(id);
    if (run.bytes !== undefined) return run;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test("a run is put away, for all who watch and follow it, and comes back with its picture", async () => {
  const run = await done();
  const picture = `/api/runs/${run.id}/outputs/noise-0000.png`;
  const before = await (await server.request(picture)).arrayBuffer();
  expect(run.bytes).toBe(before.byteLength);
  const [watching, following] = [await server.connect(), await server.connect()];
  watching.send({ type: "watch" });
  following.send({ type: "subscribe", run: run.id });
  await following.until(({ type }) => type === "live");
  const put = await ask("POST", `/api/runs/${run.id}/trash`);
  expect([put.status, await put.json()]).toEqual([200, (await server.json<TrashedRun[]>("/api/trash"))[0]]);
  for (const reader of [watching, following])
    expect(await reader.until(({ type }) => type === "removed")).toEqual({ type: "removed", run: run.id });
  for (const [method, path] of [
    ["GET", `/api/runs/${run.id}`],
    ["GET", picture],
    ["GET", `/api/runs/${run.id}/previews`],
    ["PUT", `/api/runs/${run.id}/pin`],
    ["POST", `/api/runs/${run.id}/trash`],
    ["DELETE", `/api/runs/${run.id}`],
  ])
    expect((await ask(method, path)).status, `${method} ${path}`).toBe(404);
  expect((await server.runs()).map(({ id }) => id)).not.toContain(run.id);
  const restored = await ask("POST", `/api/runs/${run.id}/restore`);
  const { outputs } = (await restored.json()) as RunSummary;
  expect([restored.status, outputs]).toEqual([200, run.outputs]);
  expect(await watching.until((message) => message.type === "summary" && message.summary.id === run.id)).toBeDefined();
  expect(await (await server.request(picture)).arrayBuffer()).toEqual(before);
  expect((await ask("POST", `/api/runs/${run.id}/restore`)).status).toBe(404);
  watching.close();
  following.close();
});

test("a run that has not ended or is pinned stays, and says so", async () => {
  const id = await server.submit(long);
  expect((await ask("POST", `/api/runs/${id}/trash`)).status).toBe(409);
  // Right after its end something of it may still be on its way to the disk.
  await ask("DELETE", `/api/runs/${id}`);
  while (!(await server.detail(id)).ended) await new Promise((resolve) => setTimeout(resolve, 20));
  expect((await ask("POST", `/api/runs/${id}/trash`)).status).toBe(200);
  expect(existsSync(join(server.data, "runs", id))).toBe(false);
  const run = await done();
  expect(await (await ask("PUT", `/api/runs/${run.id}/pin`)).json()).toMatchObject({ id: run.id, pinned: true });
  const refused = await ask("POST", `/api/runs/${run.id}/trash`);
  expect([refused.status, await refused.json()]).toEqual([
    409,
    { errors: [{ message: `Run ${run.number} is pinned: unpin it first` }] },
  ]);
  expect(await (await ask("DELETE", `/api/runs/${run.id}/pin`)).json()).not.toHaveProperty("pinned");
});

test("a server that serves a backup of another has its history and its pictures, byte for byte", async () => {
  const run = await done();
  await ask("PUT", `/api/runs/${run.id}/pin`);
  const folder = temporaryFolder();
  const [archive, data] = [join(folder, "backup.tar"), join(folder, "data")];
  for (const args of [
    ["backup", "--data", server.data, "-o", archive],
    ["restore", archive, "--data", data],
  ])
    expect(await guidegraph(args)).toMatchObject({ code: 0, err: [] });
  const other = await TestServer.start({ data });
  expect(await other.runs()).toEqual(await server.runs());
  expect(await other.detail(run.id)).toEqual(await server.detail(run.id));
  expect(await other.eventsOf(run.id)).toEqual(await server.eventsOf(run.id));
  const bytes = (of: TestServer) =>
    of.request(`/api/runs/${run.id}/outputs/noise-0000.png`).then((reply) => reply.arrayBuffer());
  expect(await bytes(other)).toEqual(await bytes(server));
  await other.kill("SIGTERM");
});

test("the trash is emptied by hand; what all weighs is told; what is kept holds what was promised", async () => {
  const run = await done();
  await ask("POST", `/api/runs/${run.id}/trash`);
  expect((await ask("DELETE", `/api/trash/${run.id}`)).status).toBe(204);
  expect((await ask("DELETE", "/api/trash")).status).toBe(204);
  expect(await server.json("/api/trash")).toEqual([]);
  expect(readdirSync(join(server.data, "trash"))).toEqual([]);
  const usage = await server.json<Usage>("/api/usage");
  const runs = await server.runs();
  expect(usage).toMatchObject({
    runs: { count: runs.length, bytes: runs.reduce((sum, { bytes = 0 }) => sum + bytes, 0) },
    trash: { count: 0, bytes: 0 },
    rules: { keepRuns: 100, maxBytes: 2 ** 30 },
  });
  expect(usage.history).toBeGreaterThan(4_096);
  await server.kill("SIGTERM");
  expect(
    await brokenPromises(
      server.data,
      runs.map(({ id }) => id),
    ),
  ).toEqual([]);
});
