/** A disk that refuses single calls: what was to be written is not there by half, whoever waits hears why, and it goes on. */
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { packageRoot } from "../../server/files/package-root.ts";
import { temporaryFolder } from "../support/cli.ts";
import { TestServer, tiny } from "../support/server.ts";
import { brokenPromises } from "../torture/promises.ts";

const preload = pathToFileURL(join(packageRoot, "test", "fixtures", "failing-fs.mjs"));

const fails = join(temporaryFolder(), "fails");
let server: TestServer;
beforeAll(async () => {
  server = await TestServer.start({ environment: { NODE_OPTIONS: `--import=${preload}`, GUIDEGRAPH_FAILS: fails } });
});
afterAll(() => server.kill("SIGKILL"));

const ids: string[] = [];
/** Each with its own noise: nothing comes from an earlier run. */
async function run(): Promise<string> {
  const id = await server.submit({ ...tiny, set: { "Gaussian Noise.seed": ids.length } });
  ids.push(id);
  return id;
}

test.each([
  ["made", "open", "EACCES"],
  ["made on a disk that only reads", "open", "EROFS"],
  ["brought to the disk", "sync", "EIO"],
  ["put in its place", "link", "EIO"],
])(
  "a picture that cannot be %s fails its run with the reason, leaves nothing, and hinders no other",
  async (_, call, code) => {
    writeFileSync(fails, `${call} ${code} outputs`);
    const failed = await run();
    const end = (await server.eventsOf(failed)).at(-1);
    rmSync(fails);
    expect(end).toMatchObject({ state: "failed", failure: { message: expect.stringContaining(code) } });
    expect(JSON.stringify(end)).not.toContain(server.data);
    expect(await server.detail(failed)).toMatchObject({ outputs: [] });
    expect((await server.request("/api/health")).status).toBe(200);
    expect((await server.eventsOf(await run())).at(-1)).toMatchObject({ state: "succeeded" });
    expect(filesOf(server.data, failed)).toEqual([]);
  },
);

test("and of all that was promised nothing is broken", async () => {
  await server.kill("SIGTERM");
  expect(await brokenPromises(server.data, ids)).toEqual([]);
});

function filesOf(data: string, run: string): string[] {
  try {
    return readdirSync(join(data, "runs", run, "outputs"));
  } catch {
    return [];
  }
}
