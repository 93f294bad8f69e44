/** What a server costs: the same graph run over HTTP by a worker, and in this process as the command line does it. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lastValueFrom } from "rxjs";
import { plan, run } from "../../executor/index.ts";
import { writeDocument } from "../../graphs/document/index.ts";
import { nodes } from "../../nodes/index.ts";
import { modelsOf, runOutputs, withKnown } from "../../runtime/index.ts";
import type { Engine } from "../../server/cli/engine.ts";
import { outputFolder } from "../../server/files/output-folder.ts";
import { graph, isEnd, TestServer } from "../support/server.ts";
import { benchEngine, example } from "./run-graph.ts";
import { median } from "./statistics.ts";

const rounds = 5;

export async function server(): Promise<void> {
  console.log("\nServer: a whole run by the server, seen by one reader, over the same run by the command line's code");
  const begun = performance.now();
  const running = await TestServer.start();
  console.log(`  starts in ${Math.round(performance.now() - begun)} ms`);
  const engine = benchEngine({ threads: 0 });
  try {
    for (const [title, shapes] of [
      ["batch 1", "3"],
      ["batch 16", "0,1,2,3,4,5,6,7,8,9,0,1,2,3,4,5"],
    ]) {
      const ratios: number[] = [];
      for (let round = -1; round < rounds; round++) {
        // Another seed each time: nothing comes from the cache but the networks.
        const set = {
          "Wanted shape.classes": shapes,
          "Noise.seed": `${round + 10}`,
          "Diffusion Schedule.timestep_respacing": "ddim10",
        };
        const alone = await byCommandLine(engine, set);
        const served = await byServer(running, set);
        if (round >= 0) ratios.push(served / alone);
      }
      console.log(`  demo, ${title.padEnd(8)}  ${median(ratios).toFixed(4)}  (≤ 1.05)`);
    }
  } finally {
    await engine.networks.close();
    await running.kill("SIGTERM");
  }
}

type Settings = Readonly<Record<string, string>>;

async function byCommandLine({ networks, images }: Engine, set: Settings): Promise<number> {
  const begun = performance.now();
  const document = example("guided-ddim", set);
  const planned = await withKnown(networks, images, (known) => plan(document, nodes, known));
  const outputs = runOutputs(
    outputFolder(mkdtempSync(join(tmpdir(), "bench-"))),
    JSON.stringify(writeDocument(document)),
  );
  await lastValueFrom(run(planned, { models: modelsOf(networks), images, outputs }), { defaultValue: null });
  return performance.now() - begun;
}

/** From the submission to the last event in the reader's hands. */
async function byServer(running: TestServer, set: Settings): Promise<number> {
  const reader = await running.connect();
  const begun = performance.now();
  const id = await running.submit({ graph: graph("guided-ddim"), set });
  reader.send({ type: "subscribe", run: id });
  await reader.until(isEnd);
  const ms = performance.now() - begun;
  reader.close();
  return ms;
}
