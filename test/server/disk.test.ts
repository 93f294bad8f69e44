/** A disk that is full, and files that somebody removed. */
import { spawnSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { Health } from "../../server/protocol.ts";
import { temporaryFolder } from "../support/cli.ts";
import { graph, long, quick, TestServer, tiny } from "../support/server.ts";

let server: TestServer | undefined;
afterEach(() => server?.kill("SIGKILL"));

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 50));
}

/** A disk of its own needs a namespace of its own, which not every machine gives. */
const small = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"];
const mount = (size: string, data: string) => `mount -t tmpfs -o size=${size} none "${data}" && exec "$0" "$@"`;
const hasNamespaces = spawnSync(small[0], [...small.slice(1), mount("1m", temporaryFolder()), "true"]).status === 0;

test.skipIf(!hasNamespaces)(
  "a full disk fails the run and refuses new ones in plain words; the history stays readable, and all recovers alone",
  async () => {
    const data = temporaryFolder();
    server = await TestServer.start({ data, within: [...small, mount("160m", data)] });
    // The server's own view of the folder: for others the disk is not there.
    const disk = join(`/proc/${server.process.pid}/root`, data);
    const before = await server.submit(tiny);
    await server.eventsOf(before);
    await until(() => existsSync(join(disk, "ballast")) && statSync(join(disk, "ballast")).size === 64 * 2 ** 20);

    // While it waits the disk fills: enough is left for the history, not for a picture of 700 KB.
    const first = await server.submit(long);
    const words = "The server's disk is full: free some space there, then run it again";
    const body = { ...tiny, set: { "Gaussian Noise.size": 512 } };
    const waiting = await server.submit(body);
    fill(join(disk, "fill"), 2 ** 19);
    const large = await server.post("/api/exports", graph("class-conditional-ddim"));
    const { errors } = (await large.json()) as { errors: readonly { message: string }[] };
    expect(large.status).toBe(507);
    expect(errors[0].message).toMatch(
      /^The export takes about [\d.]+ MiB, and the disk has room for [\d.]+ KiB: free some/,
    );
    expect(readdirSync(join(disk, "exports"))).toEqual([]);
    await server.cancel(first);
    const failed = (await server.eventsOf(waiting)).at(-1);
    expect(failed).toMatchObject({ state: "failed", failure: { code: "DISK_FULL", message: words } });
    await until(() => !existsSync(join(disk, "ballast")));
    fill(join(disk, "more"), 0);
    const refused = await server.post("/api/runs", body);
    expect([refused.status, await refused.json()]).toEqual([507, { errors: [{ message: words }] }]);
    const leaving = await server.post("/api/exports", graph("class-conditional-ddim"));
    expect([leaving.status, await leaving.json()]).toEqual([507, { errors: [{ message: words }] }]);
    const health = await server.request("/api/health");
    expect(health.status).toBe(503);
    expect(await health.json()).toMatchObject({ status: "unavailable", disk: { state: "full" } });
    expect(await server.detail(before)).toMatchObject({ state: "succeeded" });
    expect((await server.runs()).length).toBeGreaterThan(0);

    rmSync(join(disk, "more"));
    rmSync(join(disk, "fill"));
    // Nobody has to submit a run for it to be found well again.
    const main = server;
    await until(async () => (await main.request("/api/health")).ok);
    const after = await server.submit(quick);
    expect((await server.eventsOf(after)).at(-1)).toMatchObject({ state: "succeeded" });
    expect(statSync(join(disk, "ballast")).size).toBe(64 * 2 ** 20);
  },
);

/** Leaves so much of the disk. */
function fill(path: string, left: number): void {
  const file = openSync(path, "w");
  let written = 0;
  for (let size = 2 ** 20; size >= 1; )
    try {
      written += writeSync(file, Buffer.alloc(size, 1));
    } catch {
      size = Math.floor(size / 2);
    }
  ftruncateSync(file, written - left);
  closeSync(file);
}

test("a data folder that is removed takes nothing new until it is back, and that is told everywhere", async () => {
  const data = join(temporaryFolder(), "data");
  const main = await TestServer.start({ data });
  server = main;
  const before = await main.submit(quick);
  await main.eventsOf(before);
  // The last of a run that is written: where the folder is gone, it would make another.
  const previews = join(data, "runs", before, "previews");
  const kept = (): readonly string[] => readdirSync(previews).filter((name) => name.endsWith(".preview"));
  await until(() => existsSync(previews) && kept().length === 2);
  const state = async () => {
    const health = await main.request("/api/health");
    const { status, reasons, disk } = (await health.json()) as Health;
    const run = await main.post("/api/runs", quick);
    const { errors = [] } = (await run.json()) as { errors?: readonly { message: string }[] };
    return [health.status, status, disk.state, run.status, new Set([...reasons, ...errors.map((one) => one.message)])];
  };
  const gone = (words: string) => [503, "unavailable", "gone", 503, new Set([expect.stringMatching(words)])];
  const well = [200, "ok", "ok", 201, new Set()];

  renameSync(data, `${data} away`);
  expect(await state()).toEqual(
    gone("^The data folder is gone: .* put back the one it opened, or start the server anew"),
  );
  mkdirSync(data);
  expect(await state()).toEqual(gone("^The data folder is another than was opened"));
  const named = { "Content-Type": "application/octet-stream" };
  const upload = await main.request("/api/tensors?name=x.npy", { method: "POST", body: "x", headers: named });
  expect([upload.status, (await main.post("/api/graphs/x", tiny.graph, {}, "PUT")).status]).toEqual([503, 503]);
  expect(readdirSync(data)).toEqual([]);
  expect(await main.detail(before)).toMatchObject({ state: "succeeded" });
  await until(() => main.log.some((line) => line.includes("The data folder is ")));
  rmdirSync(data);
  renameSync(`${data} away`, data);
  expect(await state()).toEqual(well);

  rmSync(join(data, "models"), { recursive: true });
  expect(await state()).toEqual(gone("^The folder models in the data folder is gone: .* make or mount it again"));
  mkdirSync(join(data, "models"));
  expect(await state()).toEqual(well);
  renameSync(join(data, "runs.db"), join(data, "old.db"));
  expect(await state()).toEqual(gone("^The history, runs.db in the data folder, is gone"));
  renameSync(join(data, "old.db"), join(data, "runs.db"));
});

test.each([1, 1_000])(
  "a run of %i batches whose data folder is removed ends with that reason, and makes no other",
  async (batches) => {
    const data = join(temporaryFolder(), "data");
    server = await TestServer.start({ data });
    const id = await server.submit({ ...long, batches });
    const followed = server.eventsOf(id);
    await until(async () => (await server!.detail(id)).state === "running");
    rmSync(data, { recursive: true });
    const end = (await followed).at(-1);
    expect(end).toMatchObject({
      state: "failed",
      failure: { code: "FOLDER_GONE", message: expect.stringMatching(/ is gone: nothing (new|more) is /) },
    });
    await server.kill("SIGTERM");
    server = undefined;
    expect(existsSync(data)).toBe(false);
  },
);

test("an output that somebody removed is listed as missing, and is not there", async () => {
  server = await TestServer.start();
  const id = await server.submit(tiny);
  await server.eventsOf(id);
  const [{ name, sha256 }] = (await server.detail(id)).outputs;
  const file = join(server.data, "runs", id, "outputs", name);
  const missing = [{ path: expect.any(String), name, mime: "image/png", sha256, missing: true }];
  rmSync(file);
  expect((await server.detail(id)).outputs).toEqual(missing);
  expect((await server.runs())[0].outputs).toEqual(missing);
  expect((await server.request(`/api/runs/${id}/outputs/${name}`)).status).toBe(404);
  writeFileSync(file, "back again");
  expect((await server.detail(id)).outputs).toMatchObject([{ name }]);
  expect((await server.detail(id)).outputs[0].missing).toBeUndefined();
});
