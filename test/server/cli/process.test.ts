/** The command line as a process of its own: what npx starts, Ctrl-C, and pipes. */
import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { temporaryFolder, testCache } from "../../support/cli.ts";
import { sampleArguments } from "../../support/golden-cli.ts";
import { onOneThread } from "../../support/one-thread.ts";

const bin = fileURLToPath(new URL("../../../server/guidegraph.mjs", import.meta.url));

const start = (...args: string[]) => startAt(undefined, ...args);

/** In a home folder of its own, where one is named. */
function startAt(home: string | undefined, ...args: string[]) {
  const { ORT_DISABLE_TELEMETRY: _, ...environment } = process.env;
  const child = spawn(process.execPath, [bin, ...onOneThread(args)], {
    env: { ...environment, GUIDEGRAPH_CACHE: testCache, ...(home !== undefined && { HOME: home, TMPDIR: home }) },
  });
  const text = { out: "", err: "" };
  child.stdout.on("data", (chunk) => {
    text.out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    text.err += chunk;
  });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  return { child, text, ended };
}

test("the version is the package's, and usage errors end with 2", async () => {
  const { text, ended } = start("--version");
  expect(await ended).toBe(0);
  expect(text.out).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(await start("sample").ended).toBe(2);
});

test("Ctrl-C ends a run with 130, and nothing is left half-written", async () => {
  const out = join(temporaryFolder(), "out");
  const flags = sampleArguments("guided_ddpm_cosine");
  const more = ["--num_samples", "100000", "--backend", "cpu", "--threads", "1", "--out", out, "--json"];
  const { child, text, ended } = start("sample", ...flags, ...more);
  const stepped = new Promise<void>((resolve) => {
    child.stdout.on("data", () => text.out.includes('"type":"step"') && resolve());
  });
  await Promise.race([stepped, ended]);
  child.kill("SIGINT");
  expect(await ended).toBe(130);
  expect(existsSync(out) ? readdirSync(out) : []).toEqual([]);
  expect(text.err).not.toMatch(/^\s+at /m);
  expect(text.err).toContain("Interrupted before a batch was done");
});

test("events are one JSON object a line, the last of them the file; nothing is kept or told elsewhere", async () => {
  const [out, home] = [join(temporaryFolder(), "out"), temporaryFolder()];
  const flags = [...sampleArguments("ddpm_fixed_sigma_xstart"), "--backend", "cpu", "--threads", "1"];
  const { text, ended } = startAt(home, "sample", ...flags, "--out", out, "--json");
  expect(await ended).toBe(0);
  expect(readdirSync(home)).toEqual([]);
  const events = text.out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(events.filter(({ type }) => type === "step")).toHaveLength(20);
  expect(events.filter(({ type }) => type === "output")).toEqual([
    expect.objectContaining({ name: "samples_2x16x16x3.npz", sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }),
  ]);
});
