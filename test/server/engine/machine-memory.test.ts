/** A system that does not tell how much a process holds, as a chroot without /proc. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, expect, test, vi } from "vitest";
import type { WorkerOptions } from "../../../server/channel/messages.ts";
import { installation } from "../../../server/doctor/installation.ts";
import { engine } from "../../../server/engine/engine.ts";
import { nativeMemory, residentMemory, unmeasured } from "../../../server/engine/machine-memory.ts";
import { Worker } from "../../../server/supervisor/worker.ts";
import { growth } from "../../../server/worker/growth.ts";
import { temporaryFolder, testCache } from "../../support/cli.ts";

const untold = () => {
  throw new Error("ENOENT: no such file or directory, uv_resident_set_memory");
};

function tellNothing(): void {
  vi.spyOn(process, "memoryUsage").mockImplementation(untold);
  vi.spyOn(process.memoryUsage, "rss").mockImplementation(untold);
}

/** In every process that is started from here. */
function tellProcessesNothing(): void {
  const preloaded = join(temporaryFolder(), "untold.mjs");
  writeFileSync(
    preloaded,
    `const untold = ${untold}; process.memoryUsage = Object.assign(untold, { rss: untold.bind() });\n`,
  );
  vi.stubEnv("NODE_OPTIONS", `--import ${pathToFileURL(preloaded)}`);
}

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

test("what a process holds is more than nothing where the system tells", () => {
  expect(unmeasured()).toBeUndefined();
  expect(residentMemory()).toBeGreaterThan(nativeMemory());
  expect(nativeMemory()).toBeGreaterThan(0);
});

test("where it does not, nothing is weighed by it, no process is worn, and whoever runs graphs is told once", () => {
  tellNothing();
  expect([residentMemory(), nativeMemory(), growth({ kept: () => 5 })()]).toEqual([0, 0, undefined]);
  const said: string[] = [];
  const provider = async () => {
    throw new Error("nothing runs");
  };
  engine({ cache: testCache, environment: {}, provider, say: (line) => said.push(line) });
  expect(said).toEqual([expect.stringContaining("does not tell how much memory a process holds")]);
  engine({ cache: testCache, environment: {}, provider, memoryBytes: 2 ** 30, say: (line) => said.push(line) });
  engine({ cache: testCache, environment: {}, say: (line) => said.push(line) });
  expect(said).toHaveLength(1);
});

test("processes that are given a limit there draw without it", async () => {
  tellProcessesNothing();
  const folder = temporaryFolder();
  const options: WorkerOptions = {
    ...{ models: [], images: [], nodes: [], cache: testCache, backend: "cpu", threads: 1 },
    ...{ hidden: [], room: { folder, bytes: 2 ** 30 } },
  };
  const gone: unknown[] = [];
  const worker = new Worker(options, { is: "sampler", bounds: { memoryBytes: 2 ** 30 }, say: () => {} });
  worker.gone.subscribe((how) => gone.push(how));
  try {
    expect(await worker.ready).toBe("cpu");
    // The watchdog looks five times a second.
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await worker.ask("images", null)).toContain("shapes32_reference.npz");
    expect(gone).toEqual([]);
  } finally {
    await worker.close();
  }
});

test("doctor says so, and looks at models all the same", async () => {
  tellNothing();
  tellProcessesNothing();
  const found = [];
  for await (const { check, state, todo } of installation({ data: temporaryFolder(), backend: "cpu", models: [] }))
    found.push({ check, state, todo });
  expect(found).toContainEqual({ check: "memory", state: "warning", todo: "mount -t proc proc /proc" });
  expect(found).toContainEqual({ check: "models", state: "ok", todo: undefined });
});
