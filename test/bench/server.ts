/** What a server costs: the same graph run over HTTP by a worker, and in this process as the command line does it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lastValueFrom } from "rxjs";
import { plan, run } from "../../executor/index.ts";
import { writeDocument } from "../../graphs/document/index.ts";
import { nodes } from "../../nodes/index.ts";
import { runOutputs, withKnown } from "../../runtime/index.ts";
import type { Engine } from "../../server/engine/engine.ts";
import { OutputFolder } from "../../server/files/output-folder.ts";
import { graph, isEnd, TestServer } from "../support/server.ts";
import { fiftyReaders } from "./fifty-readers.ts";
import { benchEngine, example } from "./run-graph.ts";
import { median } from "./statistics.ts";

const sixteen = "0,1,2,3,4,5,6,7,8,9,0,1,2,3,4,5";
const cases = [
  { title: "25 steps, batch 16", steps: "ddim25", classes: sixteen, rounds: 5 },
  { title: "25 steps, batch 1", steps: "ddim25", classes: "3", rounds: 15 },
  { title: "10 steps, batch 16", steps: "ddim10", classes: sixteen, rounds: 7 },
  { title: "10 steps, batch 1", steps: "ddim10", classes: "3", rounds: 25 },
];
const warmUp = 2;

export async function server(): Promise<void> {
  console.log("\nServer: guided DDIM run by the server, seen by one reader, over the same by the command line's code");
  const begun = performance.now();
  const running = await TestServer.start();
  console.log(`  starts in ${Math.round(performance.now() - begun)} ms`);
  const engine = benchEngine({ threads: 0 });
  try {
    for (const { title, steps, classes, rounds } of cases) {
      const taken: { alone: number; served: number }[] = [];
      for (let round = -warmUp; round < rounds; round++) {
        // Another seed each time: nothing comes from the cache but the networks.
        const set = {
          "Wanted shape.classes": classes,
          "Noise.seed": `${round + 10}`,
          "Diffusion Schedule.timestep_respacing": steps,
        };
        const alone = await byCommandLine(engine, set);
        const served = await byServer(running, set);
        if (round >= 0) taken.push({ alone, served });
      }
      const ratio = median(taken.map(({ alone, served }) => served / alone));
      const times = `${median(taken.map((one) => one.served)).toFixed(0)} ms / ${median(taken.map((one) => one.alone)).toFixed(0)} ms`;
      console.log(`  ${title.padEnd(18)}  ${ratio.toFixed(3)}  (≤ 1.05)  ${times}`);
    }
    console.log(`  ${await fiftyReaders(running)}`);
  } finally {
    await engine.networks.close();
    await running.kill("SIGTERM");
  }
}

type Settings = Readonly<Record<string, string>>;

async function byCommandLine(engine: Engine, set: Settings): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "guidegraph-bench-out-"));
  const begun = performance.now();
  const document = example("guided-ddim", set);
  const planned = await withKnown(engine, (known) => plan(document, nodes, known));
  const outputs = runOutputs(new OutputFolder(folder), JSON.stringify(writeDocument(document)));
  await lastValueFrom(run(planned, { ...engine, outputs: outputs.of }), { defaultValue: null });
  await outputs.finish(() => {});
  const ms = performance.now() - begun;
  rmSync(folder, { recursive: true });
  return ms;
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
