/** What samplers and kinds of guidance come to, and what gradients through the network cost. Tables of more pictures: `npm run methods`. */
import { type MeasureRow, tables } from "./method-rows.ts";
import { benchEngine, example, RunTime, sample } from "./run-graph.ts";
import { median } from "./statistics.ts";

/** A class each, and as many real ones as half a minute restores. */
const amounts = { drawn: 10, real: 4 };

export async function methods(): Promise<void> {
  for (const [title, rows] of Object.entries(tables)) {
    console.log(`\nMethods, ${title}: ${title === "restoring" ? amounts.real : amounts.drawn} pictures a row`);
    for (const [name, measure] of Object.entries<MeasureRow>(rows)) {
      const cells = Object.entries(await measure(amounts)).map(([column, cell]) => `${column} ${cell}`);
      console.log(`  ${name.padEnd(40)} ${cells.join("  ")}`);
    }
  }
  await cost();
}

async function cost(): Promise<void> {
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
