import { existsSync } from "node:fs";
import { defineConfig } from "vitest/config";
import { LongestFirst, LongestTold } from "./test/support/longest-first.ts";

/** Chromium's software Vulkan, where it is installed; a process must start with it in its environment. */
const chromium = "/usr/lib/chromium";
const vulkan = existsSync(`${chromium}/vk_swiftshader_icd.json`)
  ? { VK_ICD_FILENAMES: `${chromium}/vk_swiftshader_icd.json`, LD_LIBRARY_PATH: chromium }
  : {};

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Files share one copy of the project's modules, which take longer to load than most take to test.
    isolate: false,
    setupFiles: ["test/support/own-timers.ts"],
    unstubGlobals: true,
    unstubEnvs: true,
    restoreMocks: true,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // A guard against what hangs; the machine may be busy.
    expect: { poll: { timeout: 30_000 } },
    pool: "forks",
    // Three for two cores: a test of servers and browsers waits for a quarter of its time.
    maxWorkers: 3,
    // A browser beside other work may take longer than a hand waits for it. What is wrong is wrong twice.
    retry: 1,
    sequence: { sequencer: LongestFirst },
    reporters: ["default", new LongestTold()],
    // Nor do tests that load onnxruntime themselves tell its maker of it.
    env: { ...vulkan, ORT_DISABLE_TELEMETRY: "1" },
  },
});
