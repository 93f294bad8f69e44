/** What starts a server for good: read by who reads it, and its command lines run as they stand. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { parse } from "yaml";
import { workerCommand } from "../../server/cli/worker.ts";
import { packageRoot } from "../../server/files/package-root.ts";
import { parseFlags } from "../../server/flags/grammar.ts";
import { temporaryFolder } from "../support/cli.ts";
import { spawnServer } from "../support/server.ts";

const unit = readFileSync(join(packageRoot, "deploy", "guidegraph.service"), "utf8");
const workerUnit = readFileSync(join(packageRoot, "deploy", "guidegraph-worker.service"), "utf8");
const workers = parse(readFileSync(join(packageRoot, "deploy", "compose.workers.yaml"), "utf8"));
const compose = parse(readFileSync(join(packageRoot, "deploy", "compose.yaml"), "utf8"));
const program = "/opt/guidegraph/node_modules/.bin/guidegraph";
const secret = "a-token-of-24-characters";

const hasSystemd = spawnSync("systemd-analyze", ["--version"]).status === 0;
test.skipIf(!hasSystemd).each([
  ["guidegraph", unit],
  ["guidegraph-worker", workerUnit],
])("systemd has nothing against the unit of %s, and little that it could do", (name, text) => {
  const path = join(temporaryFolder(), `${name}.service`);
  writeFileSync(path, text.replace(program, join(packageRoot, "server", "guidegraph.mjs")));
  const { status, stdout, stderr } = spawnSync("systemd-analyze", ["verify", path], { encoding: "utf8" });
  expect([status, stdout, stderr]).toEqual([0, "", ""]);
  const exposure = spawnSync("systemd-analyze", ["security", "--offline=true", "--threshold=20", path]);
  expect(exposure.status, String(exposure.stdout)).toBe(0);
});

let stop = () => {};
afterEach(() => stop());

/** Runs what follows `guidegraph serve`, with places of this test's for those of the system, on any port. */
async function started(command: readonly string[], places: Readonly<Record<string, string>>) {
  const data = temporaryFolder();
  for (const folder of ["data", "models"]) mkdirSync(join(data, folder));
  writeFileSync(join(data, "token"), `${secret}\n`);
  const args = command.map((word) =>
    Object.entries(places).reduce((so, [place, own]) => so.replace(place, join(data, own)), word.replace("8188", "0")),
  );
  const { child, log, line } = spawnServer(args);
  stop = () => void child.kill("SIGKILL");
  const url = (await line).replace("GuideGraph at ", "").replace("0.0.0.0", "127.0.0.1");
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const end = async () => {
    child.kill("SIGTERM");
    return ended;
  };
  return { url, data, log, end };
}

const health = (url: string) => fetch(`${url}/api/health`, { headers: { Authorization: `Bearer ${secret}` } });

test("the unit's command line starts a server that asks for the token, says so in JSON, and ends in good order", async () => {
  const [, line] = /^ExecStart=(.+)$/m.exec(unit) ?? [];
  const [path, command, ...args] = line.split(" ");
  expect([path, command]).toEqual([program, "serve"]);
  const places = { "%S/guidegraph": "data", "%C/guidegraph": "cache", "%d/token": "token" };
  const { url, log, end } = await started(args, places);
  expect((await fetch(`${url}/api/health`)).status).toBe(401);
  expect((await health(url)).status).toBe(200);
  expect(await end()).toBe(0);
  const lines = log.map((text) => JSON.parse(text));
  expect(lines).toContainEqual(expect.objectContaining({ level: "warn", event: "refused", status: 401 }));
});

test("the compose file's service starts with what it names, and its check of health passes", async () => {
  const { guidegraph } = compose.services;
  const named = guidegraph.volumes
    .map((volume: string) => volume.split(":")[0])
    .filter((name: string) => name[0] !== ".");
  expect(Object.keys(compose.volumes)).toEqual(named);
  expect(Object.keys(compose.secrets)).toEqual(guidegraph.secrets);
  const [serve, ...args] = guidegraph.command;
  expect(serve).toBe("serve");
  const places = { "/data": "data", "/cache": "cache", "/models": "models", "/run/secrets/token": "token" };
  const { url, data, end } = await started(args, places);
  expect((await health(url)).status).toBe(200);
  const [kind, node, flag, script] = guidegraph.healthcheck.test;
  expect([kind, node, flag]).toEqual(["CMD", "node", "-e"]);
  const check = (of: string) =>
    spawnSync(process.execPath, [
      "-e",
      script.replace("/data/token", join(data, "data", "token")).replace("http://127.0.0.1:8188", of),
    ]);
  expect(check(url).status).toBe(0);
  expect(check("http://127.0.0.1:9").status).toBe(1);
  expect(await end()).toBe(0);
});

test("the command lines of workers are what a worker takes, and their compose file goes on from the server's", () => {
  const [, line] = /^ExecStart=(.+)$/m.exec(workerUnit) ?? [];
  const ofUnit = line.split(" ");
  expect(ofUnit.slice(0, 2)).toEqual([program, "worker"]);
  const { worker, guidegraph, redis } = workers.services;
  expect(worker.command[0]).toBe("worker");
  for (const args of [ofUnit.slice(2), worker.command.slice(1)]) {
    const { given, operands } = parseFlags(args, workerCommand.flags);
    expect(operands).toEqual([]);
    expect(given).toMatchObject({ server: expect.stringMatching(/^http:.*:8188$/), "token-file": expect.any(String) });
  }
  expect(Object.keys(compose.services)).toContain("guidegraph");
  expect(worker.secrets.every((name: string) => name in compose.secrets)).toBe(true);
  expect(guidegraph.environment.GUIDEGRAPH_REDIS).toBe(worker.environment.GUIDEGRAPH_REDIS);
  expect(redis.command.join(" ")).toMatch(/--appendonly yes .*--maxmemory-policy noeviction/);
});
