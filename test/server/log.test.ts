/** The log of a real server, as programs read it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../support/cli.ts";
import { spawnServer, TestServer, tiny } from "../support/server.ts";

test("a file has a JSON object a line: of runs with id, state and ms, of refusals with status and reason; no token", async () => {
  const path = join(temporaryFolder(), "server.log");
  const token = "a-token-of-length-24+/=x";
  const server = await TestServer.start({
    token,
    args: ["--log-file", path, "--log-format", "json", "--sampler-memory", "64TiB"],
  });
  const id = await server.submit(tiny);
  await server.eventsOf(id);
  await fetch(`${server.url}/api/health?token=${token}`);
  await server.request(`/api/runs/${encodeURIComponent(token)}`);
  await server.request("/api/health", { headers: { Authorization: `Bearer ${token}x` } });
  expect(await server.kill("SIGTERM")).toBe(0);
  const text = readFileSync(path, "utf8");
  const lines = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  for (const line of lines) expect(line).toMatchObject({ level: expect.any(String), time: expect.any(String) });
  const of = (event: string) => lines.filter((line) => line.event === event);
  expect(of("run")).toMatchObject([
    { run: id, state: "queued", level: "info" },
    { run: id, state: "running" },
    { run: id, state: "succeeded", ms: expect.any(Number) },
  ]);
  expect(of("refused")).toMatchObject([
    { status: 401, level: "warn", method: "GET", path: "/api/health", from: "127.0.0.1" },
    { status: 404, level: "info", path: "/api/runs/[secret]" },
    { status: 401, level: "warn" },
  ]);
  for (const form of [token, encodeURIComponent(token), Buffer.from(token).toString("base64url")])
    expect(text).not.toContain(form);
  expect(lines[0]).toMatchObject({
    level: "warn",
    msg: expect.stringMatching(/^--sampler-memory 64 TiB is more than/),
  });
  // Nothing is told twice.
  expect(server.log).toEqual([]);
});

test("a log file that cannot be written is refused before anything begins", async () => {
  const started = spawnServer(["--data", temporaryFolder(), "--log-file", "/proc/none/server.log"]);
  await expect(started.line).rejects.toMatchObject({
    code: 2,
    message: expect.stringMatching(
      /^Cannot write --log-file \/proc\/none\/server.log: Cannot make the folder \/proc\/none/,
    ),
  });
});
