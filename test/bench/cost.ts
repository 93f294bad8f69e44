/**
 * What a gradient through a UNet costs: the session of diffusion posterior sampling, value and gradient, over the one that
 * draws without guidance. Each row has a process of its own, started as a server starts one that computes.
 */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { environmentFor } from "../../server/supervisor/environment.ts";
import { type Case, goals, type Measured, networks } from "./cost-cases.ts";
import { checkpointOf, unet25M } from "./models.ts";

export async function cost(): Promise<void> {
  checkpointOf(unet25M);
  console.log("\nCost: value and gradient through a UNet over its forward pass, medians of calls in turn");
  for (const network of Object.keys(networks) as (keyof typeof networks)[])
    for (const [threads, goal] of goals) {
      console.log(`  ${network}, ${threads} thread(s)  (≤ ${goal})`);
      for (const batch of networks[network].batches)
        console.log(`    batch ${batch}  ${lineOf(await measured({ network, threads, batch }))}`);
    }
}

function lineOf({ ratio, middle: [low, high], undisturbed, forward, gradient }: Measured): string {
  const spread = `half within ${low.toFixed(2)}–${high.toFixed(2)}, of the fastest tenth ${undisturbed.toFixed(3)}`;
  const times = `${gradient.ms.toFixed(1)} / ${forward.ms.toFixed(1)} ms`;
  const memory = `${gradient.MiB.toFixed(0)} / ${forward.MiB.toFixed(0)} MiB beside the weights`;
  return `${ratio.toFixed(3)}  (${spread})  ${times}  ${memory}`;
}

/** What is freed goes back to the system at once, so that what a session takes is seen. */
const tunables = { GLIBC_TUNABLES: "glibc.malloc.mmap_threshold=65536" };

const program = fileURLToPath(new URL("./cost-process.js", import.meta.url));

const measured = (one: Case): Promise<Measured> =>
  new Promise((resolve, reject) => {
    const child = fork(program, [JSON.stringify(one)], { env: environmentFor({ ...process.env, ...tunables }, true) });
    child.once("message", (message) => resolve(message as Measured));
    child.once("error", reject);
    child.once("exit", (code, signal) => reject(new Error(`A measuring process ended: ${signal ?? `status ${code}`}`)));
  });
