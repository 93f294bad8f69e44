/** What a gradient through the UNet costs: DPS over drawing without guidance, of the time within session.run. */
import { benchEngine, example, RunTime, sample } from "./run-graph.ts";
import { median } from "./statistics.ts";

export async function cost(): Promise<void> {
  console.log("\nCost: value and gradient through the UNet over its forward pass, time within session.run, batch 4");
  for (const [threads, goal] of [
    [1, 2.4],
    [2, 2.2],
  ]) {
    const time = new RunTime();
    const engine = benchEngine({ threads, time });
    const steps = { "Diffusion Schedule.timestep_respacing": "10" };
    const documents = [
      example("unguided-ddpm", { ...steps, "Noise.batch": "4" }),
      example("posterior-sampling", steps),
    ];
    const ratios: number[] = [];
    for (let round = -1; round < 7; round++) {
      const times: number[] = [];
      for (const document of documents) {
        time.reset();
        await sample(engine, document);
        times.push(time.ms);
      }
      // The first run loads the sessions.
      if (round >= 0) ratios.push(times[1] / times[0]);
    }
    await engine.networks.close();
    console.log(`  ${threads} thread(s)  ${median(ratios).toFixed(3)}  (≤ ${goal})`);
  }
}
