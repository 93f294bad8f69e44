/** What the graph costs: a whole guided-DDIM run over the bare sum of its `session.run` times. */
import { benchFolder, checkpointOf, classifier10M, unet25M } from "./models.ts";
import { benchEngine, example, RunTime, sample } from "./run-graph.ts";
import { median } from "./statistics.ts";

const rounds = 7;

export async function overhead(): Promise<void> {
  for (const model of [unet25M, classifier10M]) checkpointOf(model);
  console.log("\nOverhead: whole guided-DDIM run over the sum of its session.run times, median of ratios");
  for (const threads of [1, 2]) {
    const large = {
      "Load UNet.file": unet25M.file,
      "Load Classifier.file": classifier10M.file,
      "Wanted shape.classes": "0,1,2,3",
      "Diffusion Schedule.timestep_respacing": "ddim5",
    };
    const small = { "Wanted shape.classes": "3" };
    console.log(`  ${threads} thread(s)  64×64, batch 4  ${await ratio(threads, large)}  (≤ 1.01)`);
    console.log(`  ${threads} thread(s)  demo, batch 1   ${await ratio(threads, small)}  (≤ 1.10)`);
  }
}

async function ratio(threads: number, set: Readonly<Record<string, string>>): Promise<string> {
  const time = new RunTime();
  const engine = benchEngine({ threads, models: [benchFolder], time });
  const ratios: number[] = [];
  for (let round = -1; round < rounds; round++) {
    const document = example("guided-ddim", set);
    time.reset();
    const { ms } = await sample(engine, document);
    // The first run loads the sessions.
    if (round >= 0) ratios.push(ms / time.ms);
  }
  await engine.networks.close();
  return median(ratios).toFixed(4);
}
