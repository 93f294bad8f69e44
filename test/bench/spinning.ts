/**
 * How long an operator's threads should wait awake: a guided step of two sessions on two threads, as this project sets it, over the
 * runtime's default; alone, and beside two processes that want the cores too.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { InferenceSession as Session } from "onnxruntime-common";
import type { Provider } from "../../runtime/index.ts";
import { builtModels } from "../../server/files/built-models.ts";
import { callsOf, subjects, usualFlags } from "../../server/measuring/subject.ts";
import { nativeProvider } from "../../server/providers/native.ts";
import { benchFolder } from "./models.ts";
import { median } from "./statistics.ts";

const [size, rounds, threads, restMs] = [32, 25, 2, 50];

const plain: Provider = {
  ...nativeProvider("cpu", { threads }),
  async createSession({ model }): Promise<Session> {
    const { InferenceSession } = createRequire(import.meta.url)(
      "onnxruntime-node",
    ) as typeof import("onnxruntime-node");
    const options = { enableMemPattern: false, intraOpNumThreads: threads, logSeverityLevel: 3 } as const;
    return InferenceSession.create(model as string, options);
  },
};

export async function spinning(): Promise<void> {
  console.log("\nSpinning: a guided step over one of the runtime's default, wall and processor time");
  const models = builtModels(join(benchFolder, "measured"));
  const given = await subjects(size, usualFlags(size), models).both({ flavour: "cpu", joins: false }, false);
  for (const batch of [1, 8]) {
    const ours = await callsOf(nativeProvider("cpu", { threads }), given, { size, batch, labelled: false });
    const theirs = await callsOf(plain, given, { size, batch, labelled: false });
    for (const neighbours of [0, 2]) {
      const busy = Array.from({ length: neighbours }, () => spawn(process.execPath, ["-e", "for(;;);"]));
      try {
        const walls: number[] = [];
        const processors: number[] = [];
        for (let round = -1; round < rounds; round++) {
          const [a, b] = [await timed(ours.step), await timed(theirs.step)];
          if (round < 0) continue;
          walls.push(a.wall / b.wall);
          processors.push(a.processor / b.processor);
        }
        const [wall, processor] = [walls, processors].map((ratios) => median(ratios).toFixed(3));
        console.log(`  batch ${batch}, beside ${neighbours} busy processes: ${wall}, ${processor}`);
      } finally {
        for (const one of busy as ChildProcess[]) one.kill();
      }
    }
    await ours.close();
    await theirs.close();
  }
}

async function timed(call: () => Promise<unknown>) {
  // The threads of the one before may still be awake.
  await setTimeout(restMs);
  const [began, before] = [performance.now(), process.cpuUsage()];
  await call();
  const { user, system } = process.cpuUsage(before);
  return { wall: performance.now() - began, processor: user + system };
}
