import { existsSync } from "node:fs";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Chromium's software Vulkan, where it is installed; a process must start with it in its environment. */
const chromium = "/usr/lib/chromium";
const vulkan = existsSync(`${chromium}/vk_swiftshader_icd.json`)
  ? { VK_ICD_FILENAMES: `${chromium}/vk_swiftshader_icd.json`, LD_LIBRARY_PATH: chromium }
  : {};

/** They take longest: begun last, one of them would run alone. The others begin by size, as Vitest has it. */
const longest = [
  "client/facts",
  "client/keys",
  "client/posterior-sampling",
  "client/recovery",
  "server/crashes",
  "server/devices",
  "server/faults",
  "server/goes-on",
  "server/machines/helped",
  "server/planner",
  "server/torture",
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => longest.some((name) => moduleId.endsWith(`${name}.test.ts`));
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

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
    env: vulkan,
  },
});
