import { existsSync } from "node:fs";
import { defineConfig } from "vitest/config";

/** Chromium's software Vulkan, where it is installed; a process must start with it in its environment. */
const chromium = "/usr/lib/chromium";
const vulkan = existsSync(`${chromium}/vk_swiftshader_icd.json`)
  ? { VK_ICD_FILENAMES: `${chromium}/vk_swiftshader_icd.json`, LD_LIBRARY_PATH: chromium }
  : {};

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // A guard against what hangs; the machine may be busy.
    expect: { poll: { timeout: 30_000 } },
    pool: "forks",
    maxWorkers: 2,
    env: vulkan,
  },
});
