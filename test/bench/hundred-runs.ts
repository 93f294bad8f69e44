/** A long session: what a hundred runs with previews leave in the page's memory. */
import type { CDPSession } from "playwright-core";
import { openStage } from "../client/support/browser.ts";
import { linkTo, small } from "../client/support/graphs.ts";
import { ran, run } from "../client/support/hands.ts";
import type { OpenEditor } from "../client/support/open-editor.ts";

declare const guidegraph: OpenEditor;

const [early, late] = [20, 100];

export async function hundredRuns(): Promise<void> {
  const stage = await openStage();
  try {
    const page = await stage.visit(linkTo(small("guided-ddim", "ddim3")));
    const memory = await page.context().newCDPSession(page);
    await memory.send("HeapProfiler.enable");
    const bytes: number[] = [];
    for (let i = 1; i <= late; i++) {
      await page.evaluate(newSeed, i);
      await run(page);
      await ran(page);
      if (i === early || i === late) bytes.push(await kept(memory));
    }
    const [before, after] = bytes.map((value) => value / 2 ** 20);
    const perRun = ((after - before) * 1024) / (late - early);
    console.log(
      `\nA session of ${late} runs: the page keeps ${before.toFixed(1)} MiB after ${early} of them, ${after.toFixed(1)} MiB after all: ${perRun.toFixed(0)} KiB a run`,
    );
  } finally {
    await stage.close();
  }
}

/** In the page. */
function newSeed(seed: number): void {
  const noise = guidegraph.graph.nodes.find(({ type }: { type: string }) => type === "guidegraph/gaussian-noise");
  guidegraph.canvas.host.set(noise?.id ?? 0, "seed", seed);
}

async function kept(memory: CDPSession): Promise<number> {
  await memory.send("HeapProfiler.collectGarbage");
  const { usedSize, backingStorageSize = 0 } = (await memory.send("Runtime.getHeapUsage")) as {
    usedSize: number;
    backingStorageSize?: number;
  };
  return usedSize + backingStorageSize;
}
