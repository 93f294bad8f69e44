/** What starts a server for good: read by who reads it, and its command lines run as they stand. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { parse } from "yaml";
import { packageRoot } from "../../server/files/package-root.ts";
import type { Health } from "../../server/protocol.ts";
import { temporaryFolder } from "../support/cli.ts";
import { TestRedis } from "../support/redis.ts";
import { spawnServer } from "../support/server.ts";

const unit = readFileSync(join(packageRoot, "deploy", "guidegraph.service"), "utf8");
const workerUnit = readFileSync(join(packageRoot, "deploy", "guidegraph-worker.service"), "utf8");
const workers = parse(readFileSync(join(packageRoot, "deploy", "compose.workers.yaml"), "utf8"));
const compose = parse(readFileSync(join(packageRoot, "deploy", "compose.yaml"), "utf8"));
const main = join(packageRoot, "server", "guidegraph.mjs");
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

/** A place of the system's in a command line, by one of this test's. */
const replaced = (words: readonly string[], places: Readonly<Record<string, string>>): string[] =>
  words.map((word) => Object.entries(places).reduce((so, [place, own]) => so.replaceAll(place, own), word));

test("Redis, the server and the workers start together as both files say, with a password, and end in good order", async () => {
  const [, line] = /^ExecStart=(.+)$/m.exec(workerUnit) ?? [];
  const [path, command, ...ofUnit] = line.split(" ");
  expect([path, command]).toEqual([program, "worker"]);
  const { worker, guidegraph, redis } = workers.services;
  expect([worker.command[0], redis.command[0]]).toEqual(["worker", "redis-server"]);
  expect(worker.secrets.every((name: string) => name in compose.secrets)).toBe(true);
  expect(guidegraph.environment).toEqual(worker.environment);

  const folder = temporaryFolder();
  for (const name of ["unit", "container", "cache"]) mkdirSync(join(folder, name));
  writeFileSync(join(folder, "token"), `${secret}\n`);
  const password = "letters-and-1.2_3~";
  const given = (word: string) => word.replace(/\$\{REDIS_PASSWORD:\?\}/, password);
  const its = redis.command.slice(1).map(given);
  expect(its.join(" ")).toMatch(/--appendonly yes .*--maxmemory-policy noeviction/);
  const queue = await TestRedis.start(...its);
  const { GUIDEGRAPH_REDIS } = worker.environment;
  const address = given(GUIDEGRAPH_REDIS).replace("redis:6379", `127.0.0.1:${queue.port}`);
  const environment = { GUIDEGRAPH_REDIS: address };
  const serve = ["--data", join(folder, "data"), "--token-file", join(folder, "token")];
  const server = spawnServer(serve, environment);
  const all: ChildProcess[] = [server.child];
  stop = () => {
    for (const one of all) one.kill("SIGKILL");
    void queue.kill();
  };
  const url = (await server.line).replace("GuideGraph at ", "");
  const started = async (args: readonly string[], places: Readonly<Record<string, string>>) => {
    const own = replaced(args, places);
    const child = spawn(process.execPath, [main, "worker", ...own, "--backend", "cpu", "--threads", "1"], {
      stdio: ["ignore", "pipe", "ignore"],
      env: { ...process.env, ...environment },
    });
    all.push(child);
    await once(child.stdout, "data");
    return child;
  };
  const token = join(folder, "token");
  const unitPlaces = {
    ...{ "http://server:8188": url, "%d/token": token },
    ...{ "%S/guidegraph-worker": join(folder, "unit"), "%C/guidegraph-worker": join(folder, "cache") },
  };
  const composePlaces = {
    ...{ "http://guidegraph:8188": url, "/run/secrets/token": token },
    ...{ "--data=/data": `--data=${join(folder, "container")}`, "--cache=/cache": `--cache=${join(folder, "cache")}` },
  };
  const both = [await started(ofUnit, unitPlaces), await started(worker.command.slice(1), composePlaces)];
  const known = async () =>
    ((await (await health(url)).json()) as Health).machines?.workers.map(({ problem }) => problem);
  await expect.poll(known, { timeout: 20_000 }).toEqual([undefined, undefined]);

  // As systemd and docker end them; they are killed after 30 s, and take none of that.
  expect([/^TimeoutStopSec=30$/m.test(workerUnit), worker.stop_grace_period]).toEqual([true, "30s"]);
  for (const one of [...both, server.child]) {
    const ended = once(one, "exit");
    one.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
  }
  await queue.kill();
  // After a power cut a worker that comes first waits for Redis, then for the server, and says each once.
  const lines: string[] = [];
  const early = spawn(process.execPath, [main, "worker", ...replaced(ofUnit, unitPlaces), "--backend", "cpu"], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, ...environment },
  });
  all.push(early);
  early.stderr.setEncoding("utf8").on("data", (text: string) => lines.push(...text.split("\n").filter(Boolean)));
  const said = () => lines.map((line) => (JSON.parse(line) as { readonly msg: string }).msg);
  await expect.poll(said, { timeout: 20_000 }).toEqual([expect.stringMatching(/nothing listens.*It is waited for/)]);
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  await queue.startAgain();
  await expect
    .poll(() => said().slice(1).join(), { timeout: 20_000 })
    .toMatch(/^.*Cannot reach the server at .*waited/);
  const again = spawnServer([...serve, "--port", new URL(url).port], environment);
  all.push(again.child);
  await again.line;
  await expect.poll(known, { timeout: 30_000 }).toEqual([undefined]);
  expect(said().filter((line) => line.includes("waited for"))).toHaveLength(2);

  const ended = once(early, "exit");
  early.kill("SIGTERM");
  await ended;
  // What is wrong ends it: by a status that it is started again after, without end, but for a wrong command line.
  const alone = (redis: string, ...more: string[]) =>
    spawnSync(process.execPath, [main, "worker", ...replaced(ofUnit, unitPlaces), ...more], {
      env: { ...process.env, GUIDEGRAPH_REDIS: redis },
    }).status;
  const prevented = /^RestartPreventExitStatus=(.+)$/m.exec(workerUnit)?.[1].split(" ").map(Number) ?? [];
  expect([alone(address.replace(password, "wrong")), alone(address, "--nothing")]).toEqual([78, 2]);
  expect([prevented.includes(78), prevented.includes(2)]).toEqual([false, true]);
  expect(workerUnit).toMatch(/^StartLimitIntervalSec=0$/m);
});
